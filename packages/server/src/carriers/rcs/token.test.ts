import { createVerify, generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { HttpAnswer, Post } from "../http-client.ts";
import { AccessToken, assertion, readToken } from "./token.ts";

const NOW = 1_764_104_400_500;
const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const account = {
  clientEmail: "agent@example.iam.gserviceaccount.com",
  privateKeyId: "key-1",
  privateKey,
  tokenUri: "https://oauth2.example.com/token",
};

const decoded = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString());

test("the assertion says who asks whom for what, for an hour, and is signed", () => {
  const [header, claims, signature] = assertion(account, NOW).split(".") as [string, string, string];
  expect(decoded(header)).toEqual({ alg: "RS256", typ: "JWT", kid: "key-1" });
  expect(decoded(claims)).toEqual({
    iss: account.clientEmail,
    scope: "https://www.googleapis.com/auth/rcsbusinessmessaging",
    aud: account.tokenUri,
    iat: 1_764_104_400,
    exp: 1_764_108_000,
  });
  const verified = createVerify("sha256").update(`${header}.${claims}`).verify(publicKey, signature, "base64url");
  expect(verified).toBe(true);
  expect(decoded(assertion({ ...account, privateKeyId: null }, NOW).split(".")[0]!)).toEqual({
    alg: "RS256",
    typ: "JWT",
  });
});

test.each<[string, ReturnType<typeof readToken>]>([
  ['{"access_token":"t","expires_in":3599,"token_type":"Bearer"}', { text: "t", until: NOW + 3_599_000 }],
  ['{"access_token":"t"}', { text: "t", until: NOW + 3_600_000 }],
  ['{"access_token":"t","expires_in":"soon"}', { text: "t", until: NOW + 3_600_000 }],
  ['{"access_token":""}', null],
  ['{"access_token":"a\\r\\nb"}', null],
  ['{"access_token":5}', null],
  ['{"error":"invalid_grant"}', null],
  ["null", null],
  ["<html>", null],
])("%s is read", (body, token) => {
  expect(readToken(body, NOW)).toEqual(token);
});

type TokenAnswer = Pick<HttpAnswer, "status" | "body">;

describe("the token", () => {
  /** A server that gives t1, t2, … */
  function rig(answer: (count: number) => TokenAnswer | Promise<TokenAnswer> = given) {
    const clock = { at: NOW, now: () => clock.at };
    const asked: string[] = [];
    const post: Post = async (url, headers, body) => {
      expect(url).toBe(account.tokenUri);
      expect(headers["content-type"]).toBe("application/x-www-form-urlencoded");
      const form = new URLSearchParams(body);
      expect(form.get("grant_type")).toBe("urn:ietf:params:oauth:grant-type:jwt-bearer");
      asked.push(form.get("assertion")!);
      return answer(asked.length);
    };
    return { clock, asked, token: new AccessToken(account, post, clock) };
  }
  const given = (count: number) => ({ status: 200, body: `{"access_token":"t${count}","expires_in":3600}` });

  test("is asked for once by all who need it, and kept", async () => {
    const { token, asked, clock } = rig();
    expect(await Promise.all([token.get(), token.get(), token.get()])).toEqual(["t1", "t1", "t1"]);
    clock.at += 3_539_000;
    expect({ token: await token.get(), asked: asked.length }).toEqual({ token: "t1", asked: 1 });
  });

  test("is renewed a minute before it is over", async () => {
    const { token, clock } = rig();
    expect(await token.get()).toBe("t1");
    clock.at += 3_541_000;
    expect(await token.get()).toBe("t2");
  });

  test("is asked for again once it was refused, and not for one that is old news", async () => {
    const { token } = rig();
    expect(await token.get()).toBe("t1");
    token.forget("t0");
    expect(await token.get()).toBe("t1");
    token.forget("t1");
    expect(await token.get()).toBe("t2");
  });

  test("that is not given is asked for again by whoever comes next; the reason has nothing of the key", async () => {
    const refusal = { status: 400, body: '{"error":"invalid_grant","error_description":"x"}' };
    const { token } = rig((count) => (count === 1 ? refusal : given(count)));
    await expect(token.get()).rejects.toThrow("no access token: the answer was 400 invalid_grant");
    expect(await token.get()).toBe("t2");
  });
});
