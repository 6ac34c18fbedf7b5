import { SmppServer } from "@messaging-plus/smpp";
import { afterAll, expect, test } from "vitest";
import type { CarrierStatus } from "../../src/carriers/carrier.ts";
import { newKey, startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";

/** Invalid password (SMPP 3.4 §5.1.3). */
const ESME_RINVPASWD = 0x0e;
const refusing = new SmppServer({ system_id: "refusing", onBind: () => ESME_RINVPASWD });
afterAll(() => refusing.close());
const { port } = await refusing.listen(0);
const link = { type: "smpp", systemId: "me", host: "127.0.0.1", bind: "transceiver" };
const operatorKey = newKey();
const program = await startProgram({
  config: {
    operatorKey,
    carriers: [
      { ...link, id: "password", port, password: "sesame" },
      { ...link, id: "nothing", port: 1 },
      { ...link, id: "unknown", host: "smsc.invalid" },
    ],
  },
});
afterAll(program.stop);

test("carriers that are down say why, since when, and when they are tried again", async () => {
  const items = await until("each to have been tried", async () => {
    const { body } = await program.api.as(operatorKey).request<{ items: CarrierStatus[] }>("GET", "/carriers");
    const tried = body.items.filter(({ bind_counts }) => bind_counts.refused + bind_counts.failed > 0);
    return tried.length === 3 && body.items;
  });
  expect(items).toMatchObject([
    { id: "password", state: "down", why: "it refused the bind: ESME_RINVPASWD", last_status: "ESME_RINVPASWD" },
    { id: "nothing", state: "down", why: "nothing listens at its host and port (ECONNREFUSED)", last_status: null },
    { id: "unknown", state: "down", why: expect.stringContaining("its host is not looked up"), last_status: null },
  ]);
  for (const { since } of items) expect(Date.parse(since)).toBeLessThanOrEqual(Date.now());
  await until("a next try to be told", async () => {
    const { body } = await program.api.as(operatorKey).request<{ items: CarrierStatus[] }>("GET", "/carriers");
    return Date.parse(body.items[0]?.next_try_at ?? "") > Date.now();
  });
});

test("the program is ready, since it can accept, and says that no carrier is up and why", async () => {
  const { status, body, text } = await program.api.request<{ status: string; warnings: string[] }>(
    "GET",
    "/health/ready",
    { key: null },
  );
  expect({ status, says: body.status, warnings: body.warnings.length }).toEqual({
    status: 200,
    says: "ready",
    warnings: 1,
  });
  expect(body.warnings[0]).toMatch(
    /^No carrier is up, and what is accepted waits: it refused the bind: ESME_RINVPASWD;/,
  );
  // It is open to all.
  for (const secret of ["password", "127.0.0.1", "smsc.invalid", String(port)]) expect(text).not.toContain(secret);
});

test("the log names the status, and has one line for each carrier", async () => {
  await until("several refusals", async () => {
    const { body } = await program.api.as(operatorKey).request<{ items: CarrierStatus[] }>("GET", "/carriers");
    return (body.items[0]?.bind_counts.refused ?? 0) >= 2;
  });
  const lines = program
    .output()
    .stderr.split("\n")
    .filter((line) => line.includes('"carrier":"password"'));
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0]!)).toMatchObject({
    msg: "the carrier refused the bind",
    command_status: "ESME_RINVPASWD",
  });
});

test("the metrics say which carriers are up, and how their binds end", async () => {
  const { text } = await program.api.request("GET", "/metrics", { key: null });
  for (const carrier of ["password", "nothing", "unknown"])
    expect(text).toMatch(new RegExp(`^mplus_carrier_up\\{[^}]*carrier="${carrier}"[^}]*\\} 0$`, "m"));
  expect(text).toMatch(/^mplus_binds_total\{(?=[^}]*carrier="password")(?=[^}]*outcome="refused")[^}]*\} [1-9]/m);
  expect(text).toMatch(/^mplus_binds_total\{(?=[^}]*carrier="nothing")(?=[^}]*outcome="failed")[^}]*\} [1-9]/m);
});
