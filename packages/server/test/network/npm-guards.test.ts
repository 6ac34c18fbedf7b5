import { readFileSync } from "node:fs";
import { Socket } from "node:net";
import { expect, test } from "vitest";
import { guardedConnector } from "../../src/network/connector.ts";
import { checkCallbackUrl } from "../../src/network/url.ts";
import { PUBLIC } from "../notify/receivers.ts";
import { FORBIDDEN_NAMES, FORBIDDEN_URLS, PUBLIC_URLS } from "./corpus.ts";
import { type Judgement, judge, NPM_GUARDS } from "./npm-guards.ts";

/** What a name within our network has for an answer, where it is asked for. */
const INTERNAL = ["10.0.0.5"];
const LOCALHOST = ["127.0.0.1", "::1"];

interface Case {
  url: string;
  answers: readonly string[];
}

const forbidden: Case[] = [
  ...FORBIDDEN_URLS.map((url) => ({
    url,
    answers: /loc?alhost|ｌｏｃａｌ|local%68ost/i.test(url) ? LOCALHOST : INTERNAL,
  })),
  ...Object.entries(FORBIDDEN_NAMES).map(([name, answers]) => ({ url: `http://${name}/`, answers })),
];
const permitted: Case[] = Object.entries(PUBLIC_URLS).map(([url, answers]) => ({ url, answers }));

/** Ours: "at the request", or what comes of the connection. */
async function ours({ url, answers }: Case): Promise<Judgement | "at the request"> {
  if (!checkCallbackUrl(url, PUBLIC).ok) return "at the request";
  let dialled: string | null = null;
  const connector = guardedConnector({
    policy: PUBLIC,
    timeoutMs: 1_000,
    lookup: async () => answers,
    connect: ({ host }) => {
      dialled ??= host;
      const socket = new Socket();
      process.nextTick(() => socket.destroy(new Error("nothing is dialled here")));
      return socket;
    },
  });
  const { hostname, protocol, port } = new URL(url);
  await new Promise<void>((resolve) =>
    connector({ hostname: hostname.replace(/^\[|\]$/g, ""), protocol, port }, () => resolve()),
  );
  return dialled === null ? "refused" : { dialled };
}

function cell(judgement: Judgement | "at the request"): string {
  return typeof judgement === "string" ? judgement : `**dials ${judgement.dialled}**`;
}

async function rowOf(one: Case): Promise<string> {
  const judgements: (Judgement | "at the request")[] = [await ours(one)];
  for (const guard of Object.values(NPM_GUARDS)) judgements.push(await judge(guard, one.url, one.answers));
  return `| \`${one.url}\` | ${judgements.map(cell).join(" | ")} |`;
}

/** The rows of the page's tables. */
const rows = readFileSync(new URL("../../../../docs/webhooks-guard.md", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| `"));

test("the page's tables say what our guard, and those of npm, make of the corpus", async () => {
  const judged: string[] = [];
  for (const one of [...forbidden, ...permitted]) judged.push(await rowOf(one));
  expect(judged).toEqual(rows);
});

test("our guard dials nothing of what is forbidden, and all that is public", async () => {
  for (const one of forbidden) expect(typeof (await ours(one))).toBe("string");
  for (const one of permitted) expect(await ours(one)).toHaveProperty("dialled");
});
