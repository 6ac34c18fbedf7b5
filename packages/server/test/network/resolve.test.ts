import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { afterEach, expect, test } from "vitest";
import { dnsResolve, type Resolve, systemResolve } from "../../src/network/resolve.ts";

const A = 1;
const AAAA = 28;
const NXDOMAIN = 3;

/** What a name server says to a question: addresses, an error code, or nothing at all. */
type Zone = (name: string, type: number) => string[] | number | null;

let stop: (() => void) | undefined;
afterEach(() => {
  stop?.();
  stop = undefined;
});

/** Resolves by a name server at loopback, which counts its questions (RFC 1035 §4). */
async function resolving(zone: Zone, timeoutMs = 400): Promise<{ resolve: Resolve; questions: string[] }> {
  const questions: string[] = [];
  const socket = createSocket("udp4");
  socket.on("message", (query, from) => {
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at]!; length > 0; length = query[at]!) {
      labels.push(query.toString("latin1", at + 1, at + 1 + length));
      at += 1 + length;
    }
    const type = query.readUInt16BE(at + 1);
    questions.push(`${labels.join(".")} ${type}`);
    const said = zone(labels.join("."), type);
    if (said === null) return;
    const answers = typeof said === "number" ? [] : said.map((ip) => record(type, ip));
    const head = Buffer.alloc(12);
    query.copy(head, 0, 0, 2);
    head.writeUInt16BE(0x8180 | (typeof said === "number" ? said : 0), 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(answers.length, 6);
    socket.send(Buffer.concat([head, query.subarray(12, at + 5), ...answers]), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const resolver = new Resolver({ timeout: timeoutMs / 2, tries: 2 });
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  stop = () => {
    resolver.cancel();
    socket.close();
  };
  return { resolve: dnsResolve(timeoutMs, resolver), questions };
}

function record(type: number, ip: string): Buffer {
  const data =
    type === A
      ? Buffer.from(ip.split(".").map(Number))
      : Buffer.from(
          ip.split(":").flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]),
        );
  const head = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length]);
  return Buffer.concat([head, data]);
}

test("all addresses of both families are found", async () => {
  const { resolve } = await resolving((_, type) => (type === A ? ["1.1.1.1", "1.0.0.1"] : ["2606:4700:0:0:0:0:0:1"]));
  expect(await resolve("example.com")).toEqual(["1.1.1.1", "1.0.0.1", "2606:4700::1"]);
});

test("a name of one family is found, though the other's question is never answered", async () => {
  const { resolve } = await resolving((_, type) => (type === AAAA ? ["2606:4700:0:0:0:0:0:1"] : null), 2_000);
  expect(await resolve("example.com")).toEqual(["2606:4700::1"]);
});

test("a name that does not exist, or whose server is silent, is a failure", async () => {
  const { resolve } = await resolving((name) => (name === "silent.example" ? null : NXDOMAIN));
  await expect(resolve("gone.example")).rejects.toMatchObject({ code: "ENOTFOUND" });
  await expect(resolve("silent.example")).rejects.toMatchObject({ code: "ETIMEOUT" });
});

test("many at once ask for a name only once", async () => {
  const { resolve, questions } = await resolving((_, type) => (type === A ? ["1.1.1.1"] : []));
  await Promise.all(Array.from({ length: 100 }, () => resolve("example.com")));
  await resolve("example.com");
  expect(questions.sort()).toEqual([`example.com ${A}`, `example.com ${AAAA}`]);
});

test("silent servers of many names do not hold up another's", async () => {
  const { resolve } = await resolving((name) => (name.startsWith("silent") ? null : ["1.1.1.1"]), 5_000);
  const silent = Array.from({ length: 50 }, (_, index) => resolve(`silent-${index}.example`).catch(() => "failed"));
  expect(await Promise.race([resolve("example.com"), ...silent])).toContain("1.1.1.1");
});

test("the system's way gives all addresses in their textual form", async () => {
  // An address: for a name the system might ask a name server.
  expect(await systemResolve()("127.0.0.1")).toEqual(["127.0.0.1"]);
});
