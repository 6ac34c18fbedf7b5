// `npm start -- ARGS` is `mplus serve ARGS`.
process.argv.splice(2, 0, "serve");
await import("../packages/server/bin/mplus.js");
