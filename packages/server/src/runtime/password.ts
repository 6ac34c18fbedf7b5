import { randomBytes, randomInt, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

/** Without characters that are mistaken for one another when read out. */
const CHARACTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/** SMPP 3.4 §5.2.2 has room for 8 octets. */
const LENGTH = 8;
const SALT_OCTETS = 16;
const HASH_OCTETS = 32;
/** 16 MiB of memory and 40 ms of one core each: a password of 46 bits needs a slow hash, as a key of 128 does not. */
const COST = { N: 16_384, r: 8, p: 1 };
/** Hashes under way at one time: libuv has four threads, and files and look-ups of names need some of them. */
const MOST_AT_ONCE = 2;

const derive = promisify<string, Buffer, number, typeof COST, Buffer>(scrypt);

let underWay = 0;
const waiting: (() => void)[] = [];

/** A new password for SMPP: 8 characters, 46 random bits. */
export function newPassword(): string {
  return Array.from({ length: LENGTH }, () => CHARACTERS[randomInt(CHARACTERS.length)]).join("");
}

/** The stored form of a password: its salt, and scrypt (RFC 7914) of both. */
export async function hashPassword(password: string): Promise<Buffer> {
  const salt = randomBytes(SALT_OCTETS);
  return Buffer.concat([salt, await inTurn(password, salt)]);
}

/** @param stored as `hashPassword` makes it */
export async function isPassword(password: string, stored: Buffer): Promise<boolean> {
  const hash = await inTurn(password, stored.subarray(0, SALT_OCTETS));
  return timingSafeEqual(hash, stored.subarray(SALT_OCTETS));
}

async function inTurn(password: string, salt: Buffer): Promise<Buffer> {
  if (underWay >= MOST_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else underWay++;
  try {
    return await derive(password, salt, HASH_OCTETS, COST);
  } finally {
    const next = waiting.shift();
    if (next === undefined) underWay--;
    else next();
  }
}
