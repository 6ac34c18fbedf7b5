import { expect, test } from "vitest";
import { Api } from "./api.ts";
import { NoAnswerError } from "./errors.ts";

/** Asks a server that answers this. */
function asking(body: string | ReadableStream<Uint8Array>, status = 200): Api {
  return new Api({ baseUrl: "http://127.0.0.1", retries: 0, fetch: async () => new Response(body, { status }) });
}

const request = { method: "GET", path: "/sender" } as const;

test.each([200, 500])("an answer of %i that does not end is given up", async (status) => {
  let pulled = 0;
  let isCancelled = false;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      pulled++;
      controller.enqueue(new Uint8Array(1024 * 1024).fill(0x20));
    },
    cancel: () => {
      isCancelled = true;
    },
  });
  const answer = asking(endless, status).json(request);
  await expect(answer).rejects.toThrow(NoAnswerError);
  expect({ isCancelled, isBounded: pulled < 150 }).toEqual({ isCancelled: true, isBounded: true });
});

test("a text is the same however it is cut", async () => {
  const octets = new TextEncoder().encode('{"text": "Grüße 👋"}');
  const single = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (const octet of octets) controller.enqueue(Uint8Array.of(octet));
      controller.close();
    },
  });
  expect(await asking(single).json(request)).toEqual({ text: "Grüße 👋" });
});

test.each([
  ["nothing", "null"],
  ["items that are no list", '{"items": {"length": 3}, "next": null}'],
  ["no cursor", '{"items": []}'],
  ["a cursor that is no text", '{"items": [], "next": 5}'],
  ["the same cursor over and over", '{"items": [], "next": "x"}'],
])("a list whose pages have %s is given up", async (_what, body) => {
  const read = async (): Promise<void> => {
    for await (const _item of asking(body).list("/sender", { after: "x" }));
  };
  await expect(read()).rejects.toThrow(NoAnswerError);
});
