import { expect, test } from "vitest";
import { typedDicts } from "./typed-dicts.ts";

test("the Python client's types are those of the server's schemas: vitest -u writes them anew", async () => {
  await expect(typedDicts()).toMatchFileSnapshot("../messaging_plus/types.py");
});
