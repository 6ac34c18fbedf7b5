import { describe, expect, test } from "vitest";
import { decodeGsm } from "./gsm.ts";
import { nationalTables } from "./national-languages.ts";

/** Code points, since most of these letters are shown together with their neighbours. */
const codePoints = (text: string) => [...text].map((letter) => letter.codePointAt(0)!.toString(16)).join(" ");
const read = (hex: string, single: number, locking: number) =>
  decodeGsm(Buffer.from(hex.replaceAll(" ", ""), "hex"), nationalTables(single, locking));

describe("the locking shift table of", () => {
  // The ends of each run of letters, the lone ones, and the last five, which are in no order.
  test.each<[string, number, string, string]>([
    ["Turkish", 1, "04 07 0b 0c 1c 1d 40 60 41", "20ac 131 11e 11f 15e 15f 130 e7 41"],
    ["Portuguese", 3, "04 06 0f 12 15 18 1a 24 40 5d 60 7d", "ea fa e1 aa 221e 20ac 7c ba cd da 7e 60"],
    [
      "Bengali",
      4,
      "00 0b 0f 13 2f 3d 46 4a 50 59 5f 60 7b 7c 7f",
      "981 98c 98f 993 9a8 9aa 9b2 9b6 9be 9c7 9cd 9ce 9d7 9dc 9f1",
    ],
    [
      "Gujarati",
      5,
      "00 0c 11 13 3d 47 49 57 5b 5f 60 7b 7e 7f",
      "a81 a8d a91 a93 aaa ab3 ab5 ac5 ac9 acd ad0 ae0 ae3 af1",
    ],
    [
      "Hindi",
      6,
      "00 03 1a 1c 27 2a 3c 4d 4e 5f 60 7b 7c 7d 7e 7f",
      "901 905 91a 91b 924 925 929 939 93c 94d 950 972 97b 97c 97e 97f",
    ],
    [
      "Kannada",
      7,
      "01 0e 12 24 3d 47 49 4e 58 5f 60 7b 7c 7f",
      "c82 c8e c92 ca1 caa cb3 cb5 cbc cc6 ccd cd5 cd6 ce0 ce3",
    ],
    ["Malayalam", 8, "01 0e 12 3d 4d 4f 58 5f 60 7b 7e 7f", "d02 d0e d12 d2a d39 d3d d46 d4d d57 d60 d63 d79"],
    ["Oriya", 9, "00 0f 13 3d 47 49 4e 59 5f 60 7b 7c 7f", "b01 b0f b13 b2a b33 b35 b3c b47 b4d b56 b57 b60 b63"],
    [
      "Punjabi",
      10,
      "00 08 0f 13 47 49 4a 4c 4e 54 59 5f 60 7b 7f",
      "a01 a0a a0f a13 a33 a35 a36 a38 a3c a42 a47 a4d a51 a70 a74",
    ],
    [
      "Tamil",
      11,
      "01 08 0e 12 19 1d 1f 22 26 27 2f 3c 42 54 58 5f 60 7b 7e 7f",
      "b82 b8a b8e b92 b99 b9c b9e b9f ba3 ba4 ba8 ba9 bae bc2 bc6 bcd bd0 bd7 bf2 bf9",
    ],
    ["Telugu", 12, "00 0e 12 3d 47 49 4f 58 5f 60 7b 7c 7f", "c01 c0e c12 c2a c33 c35 c3d c46 c4d c55 c56 c60 c63"],
    [
      "Urdu",
      13,
      "00 01 08 0b 13 1a 1c 2d 3c 46 47 4c 55 58 5f 60 7b 7f",
      "627 622 6c2 679 684 62f 68c 696 69a 642 6a9 6b1 6d5 621 657 654 655 670",
    ],
  ])("%s", (_language, identifier, septets, letters) => {
    expect(codePoints(read(septets, 0, identifier))).toBe(letters);
  });

  test.each([4, 5, 6, 7, 8, 9, 10, 11, 12, 13])("language %i has the same digits, letters and marks", (identifier) => {
    expect(read("0a 0d 20 21 28 29 2c 2e 30 39 3a 3b 3f 61 7a", 0, identifier)).toBe("\n\r !)(,.09:;?az");
    expect(nationalTables(0, identifier).alphabet).toHaveLength(128);
  });

  test("a language shows a space where it has nothing", () => {
    expect(read("0c 1b1b 7a", 0, 4)).toBe("  z");
  });
});

describe("the single shift table of", () => {
  test.each<[string, number, string, string]>([
    ["Turkish", 1, "47 49 53 63 65 67 69 73", "11e 130 15e e7 20ac 11f 131 15f"],
    ["Spanish", 2, "09 41 49 4f 55 61 65 69 6f 75", "e7 c1 cd d3 da e1 20ac ed f3 fa"],
    ["Portuguese", 3, "05 0b 0f 12 14 19 1f 41 5b 5c 61 7b 7f", "ea d4 e1 3a6 5e 398 ca c0 c3 d5 c2 e3 e2"],
    ["Bengali", 4, "19 1c 23 24 27 2a 2b 2e 30 34", "9e6 9e8 9ef 9df 9e2 9e3 9f2 9f5 9f6 9fa"],
    ["Gujarati", 5, "19 1a 1c 20 25", "964 965 ae6 aea aef"],
    ["Hindi", 6, "19 1a 1c 25 26 2b 2c 2e 30 38 39 3a", "964 965 966 96f 951 954 958 95a 95b 963 970 971"],
    ["Kannada", 7, "19 1c 25 26 27 2a", "964 ce6 cef cde cf1 cf2"],
    ["Malayalam", 8, "19 1c 27 2a 2d 2e 30 34", "964 d66 d71 d72 d75 d7a d7b d7f"],
    ["Oriya", 9, "19 1c 25 26 27 2a 2b 2c", "964 b66 b6f b5c b5d b5f b70 b71"],
    ["Punjabi", 10, "19 1c 25 26 27 2a 2b 2c 2d", "964 a66 a6f a59 a5a a5b a5c a5e a75"],
    ["Tamil", 11, "19 1c 25 26 27 2a 2d 2e", "964 be6 bef bf3 bf4 bf5 bf8 bfa"],
    ["Telugu", 12, "1c 25 26 27 2a 2e 30 32", "c66 c6f c58 c59 c78 c7c c7d c7f"],
    [
      "Urdu",
      13,
      "19 1c 25 26 27 2a 2e 30 32 34 36 39 3b 3f",
      "600 6f0 6f9 60c 60d 60e 612 613 61b 640 658 672 6cd 6d4",
    ],
  ])("%s", (_language, identifier, septets, letters) => {
    const escaped = septets.split(" ").map((septet) => `1b${septet}`);
    expect(codePoints(read(escaped.join(""), identifier, 0))).toBe(letters);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13])("language %i has what the default one has", (identifier) => {
    expect(read("1b28 1b29 1b2f 1b3c 1b3d 1b3e 1b40 1b65 1b14", identifier, 0)).toBe("{}\\[~]|€^");
  });

  test("a language leaves what it does not have to the alphabet or the locking shift table", () => {
    expect(read("1b61", 1, 0)).toBe("a");
    expect(codePoints(read("1b00", 1, 6))).toBe("901");
    expect(codePoints(read("1b00", 6, 6))).toBe("40");
  });
});

test("a language that is reserved is read as none, and Spanish has no locking shift table", () => {
  for (const identifier of [0, 2, 14, 255]) expect(read("00 1c", 0, identifier)).toBe("@Æ");
  for (const identifier of [0, 14, 255]) expect(read("1b53 1b65", identifier, 0)).toBe("S€");
});
