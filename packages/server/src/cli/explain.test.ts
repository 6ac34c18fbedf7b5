import { expect, test } from "vitest";
import { explain } from "./explain.ts";

const TAKEN = "listen EADDRINUSE: address already in use 127.0.0.1:8080";
const taken = (more: object) => Object.assign(new Error(TAKEN), { code: "EADDRINUSE", ...more });

test.each<[string, object, string]>([
  [
    "a start's",
    { taken: { setting: "server.port", free: 8082 } },
    "; another port: mplus serve --port 8082, or MPLUS_SERVER_PORT=8082",
  ],
  ["the one for SMPP", { taken: { setting: "smpp.port", free: 2776 } }, "; another port: MPLUS_SMPP_PORT=2776"],
  ["another command's, which has no such setting", {}, ""],
])("a port that is taken is told with advice that helps: %s", (_, more, advice) => {
  expect(explain(taken(more))).toBe(`${TAKEN}: another program listens there${advice}`);
});
