import { afterAll } from "vitest";
import { endChildren } from "./children.ts";
import { endFile } from "./file-end.ts";

// Run before each test file.
afterAll(endChildren);
afterAll(endFile);
