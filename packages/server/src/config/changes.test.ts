import { expect, test } from "vitest";
import { changesOf, type FilePrints } from "./changes.ts";
import { type Config, loadConfig } from "./config.ts";

const [cert, key] = ["cert.pem", "key.pem"];
const prints = (print: string): FilePrints => new Map([cert, key].map((file) => [file, print]));

const plain = loadConfig({ file: undefined, env: {}, cwd: "/" });
const https: Config = { ...plain, server: { ...plain.server, tls: { cert, key } } };
const both: Config = { ...https, smpp: { ...plain.smpp, tls: { cert, key } }, log: { ...plain.log, level: "debug" } };

test("a server goes on with or without TLS as it began, and the other's certificate counts at once", () => {
  const of = (before: Config, next: Config, was: string, is: string) => {
    const { changed, restart, config } = changesOf(before, next, prints(was), prints(is));
    return { changed, restart: restart.sort(), tls: [config.server.tls.cert, config.smpp.tls?.cert ?? null] };
  };
  const ofServer = ["server.tls.cert", "server.tls.key"];
  const changed = ["log.level"];
  expect(of(plain, https, "a", "a")).toEqual({ changed: [], restart: ofServer, tls: [null, null] });
  expect(of(https, plain, "a", "b")).toEqual({ changed: [], restart: ofServer, tls: [cert, null] });
  expect(of(https, both, "a", "a")).toEqual({ changed, restart: ["smpp.tls"], tls: [cert, null] });
  expect(of(https, both, "a", "b")).toEqual({
    changed: [...changed, "server.tls"],
    restart: ["smpp.tls"],
    tls: [cert, null],
  });
  expect(of(both, both, "a", "b")).toEqual({ changed: ["server.tls", "smpp.tls"], restart: [], tls: [cert, cert] });
  const mutual: Config = { ...both, smpp: { ...plain.smpp, tls: { cert, key, ca: cert } } };
  expect(of(both, mutual, "a", "a")).toEqual({ changed: [], restart: ["smpp.tls.ca"], tls: [cert, cert] });
  expect(of(mutual, both, "a", "a")).toEqual({ changed: [], restart: ["smpp.tls.ca"], tls: [cert, cert] });
});
