import { randomUUID } from "node:crypto";
import { afterEach, beforeAll, expect } from "vitest";
import * as example from "../../src/reference/examples.ts";
import { PROBLEMS } from "../../src/runtime/problems.ts";
import type { DocumentedOperation } from "../reference/document.ts";
import type { Answer, Problem } from "../support/api.ts";
import { testOrganization } from "../support/organization.ts";
import { newKey, type Program, startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";
import { stored } from "./stored.ts";

export interface Rig {
  program: Program;
  /** The key that opens an operation; null where none is needed. */
  keyFor(operation: DocumentedOperation): string | null;
  /** A path with identifiers of things that are there. */
  pathTo(path: string): string;
  /** Keys that must be in no answer and no line of the log. */
  keys: readonly string[];
}

/** A program that has something of everything, at rest. */
export async function startRig(config: Record<string, unknown> = {}): Promise<Rig> {
  const operatorKey = newKey();
  const program = await startProgram({
    config: {
      operatorKey,
      log: { level: "trace" },
      carriers: [{ id: "sim", type: "simulator", receiptDelay: 0 }],
      ...config,
    },
  });
  const organization = await testOrganization(program.api.as(operatorKey), 1_000);
  const { api, identifier, path } = await organization.account(100);
  const from = { type: "custom", value: "MyShop" };
  const [sent] = await api.send({ messages: [{ from, to: example.HANDSET, body: "x" }] });
  const [held] = await api.send({ messages: [{ from, to: example.HANDSET, body: "x", send_at: "2030-01-01T00:00Z" }] });
  await until("the end of the message", async () => (await api.status(sent!.batchUuid)).counts.delivered === 1);
  const made = async (at: string, body: object): Promise<string> => {
    const answer = await organization.api.request<{ identifier: string }>("POST", at, { body });
    return answer.body.identifier;
  };
  const names: Record<string, string> = {
    "/account/{uuid}": `/account/${identifier}`,
    "/batch/{uuid}": `/batch/${held!.batchUuid}`,
    "/organization/{uuid}": `/organization/${organization.identifier}`,
    "/sender/{uuid}": `/sender/${await made("/sender", { value: "Registered" })}`,
    "/webhooks/{id}": `/webhooks/${randomUUID()}`,
    "{secret}": await made(`${path}/secret`, {}),
    "{number}": "447700900999",
  };
  const byHolder: Record<string, string> = {
    accountKey: api.key,
    organizationKey: organization.api.key,
    operatorKey,
  };
  return {
    program,
    keyFor: ({ security }) => {
      const [holder] = Object.keys(security[0] ?? {});
      return holder === undefined ? null : byHolder[holder]!;
    },
    pathTo: (asked) => Object.entries(names).reduce((told, [name, real]) => told.replace(name, real), asked),
    keys: [...Object.values(byHolder), program.organizationKey, program.api.key],
  };
}

/** How many chances each kind takes. */
export const CHANCES = Number(process.env.MPLUS_TEST_CHANCES ?? 15);

/** Sees to it that each test of the file leaves the store as it was, and no key in what the program writes. */
export function expectNothingOf({ program, keys }: Rig): void {
  let before: Record<string, string>;
  const looked = { stdout: 0, stderr: 0 };
  const longest = Math.max(...keys.map(({ length }) => length));
  beforeAll(async () => {
    before = await stored(program.database.pool);
  });
  afterEach(async () => {
    const after = await stored(program.database.pool);
    const was = before;
    before = after;
    expect(after).toEqual(was);
    const output = program.output();
    for (const stream of ["stdout", "stderr"] as const) {
      // The new output, with the end of the old one: a key may come in two pieces.
      const came = output[stream].slice(Math.max(0, looked[stream] - longest));
      looked[stream] = output[stream].length;
      for (const key of keys) expect(came).not.toContain(key);
    }
  });
}

/** That it was refused as the reference says: a status of 4xx, problem details of a kind that belongs to it. */
export function expectRefusal(what: string, { status, headers, body, text }: Answer<Problem>): void {
  expect({ what, status, text }).toEqual({
    what,
    status: expect.toSatisfy((code: number) => code >= 400 && code < 500),
    text,
  });
  expect([what, headers["content-type"]]).toEqual([what, "application/problem+json"]);
  const name = body.type.replace("/docs#problem-", "") as keyof typeof PROBLEMS;
  expect({ what, body }).toEqual({
    what,
    body: {
      type: expect.stringMatching(/^\/docs#problem-[a-z-]+$/),
      title: PROBLEMS[name].title,
      status,
      detail: expect.any(String),
      ...(body.errors === undefined ? {} : { errors: expect.any(Array) }),
    },
  });
  expect({ what, status: PROBLEMS[name].status }).toEqual({ what, status });
}

/** Whether one of the faults is of the field, of something in it, or of what it is in. */
export function names({ errors = [] }: Problem, path: string): boolean {
  return errors.some((error) => within(error.path, path) || within(path, error.path));
}

function within(path: string, outer: string): boolean {
  return outer === "" || (path.startsWith(outer) && ["", ".", "["].includes(path.charAt(outer.length)));
}

/** Does them all, some at a time. */
export async function each<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items];
  const node = async (): Promise<void> => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: 8 }, node));
}
