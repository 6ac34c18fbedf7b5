#!/usr/bin/env -S node --max-semi-space-size=16 --max-old-space-size=512
// `npx messaging-plus` in an empty folder runs the platform; with arguments it is `mplus`.
import "./node-version.js";

if (process.argv.length === 2) process.argv.push("serve");
await import("./mplus.js");
