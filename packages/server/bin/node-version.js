// In syntax that old versions of Node.js read: it says what is missing before anything of what they lack is met.
var NEEDED = [20, 19];

var found = process.versions.node.split(".").map(Number);
if (found[0] < NEEDED[0] || (found[0] === NEEDED[0] && found[1] < NEEDED[1])) {
  console.error(
    "Messaging Plus needs Node.js " +
      NEEDED.join(".") +
      " or later, and this is " +
      process.versions.node +
      ": install a newer one (https://nodejs.org), then run npm ci again.",
  );
  process.exit(1);
}
