// A peer that is a small program with another's library: it is given HOST PORT SYSTEM_ID PASSWORD NUMBER, and prints a line
// for each step.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { judge } from "./shared.mjs";

const MOST_MS = 60_000;

/** @param command makes the program and its first arguments */
export const program = (command) => async (customer) => {
  const [file, ...args] = command();
  const { host, port, system_id, password, number, messages } = customer;
  const child = spawn(file, [...args, host, String(port), system_id, password, number], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    said += text;
  });
  const limit = setTimeout(() => child.kill("SIGKILL"), MOST_MS);
  await once(child, "close");
  clearTimeout(limit);
  const lines = said.split("\n").map((line) => line.split(" "));
  const of = (step) => lines.filter(([first]) => first === step).map(([, ...rest]) => rest);
  const first = (step) => of(step)[0]?.[0];
  const ids = (...steps) => steps.flatMap((step) => of(step).map(([id]) => id));
  const failing = ids("submit")[1];
  const expected = ids("submit", "part", "payload").map((id) => `${id} ${id === failing ? "UNDELIV" : "DELIVRD"}`);
  return {
    bind: judge(first("bind"), "0"),
    submit: judge(await bodyOf(messages, first("submit")), "Grüße"),
    "long text": judge(
      [...(await Promise.all(ids("part", "payload").map((id) => bodyOf(messages, id)))), of("part").length],
      ["x".repeat(153), "x".repeat(47), "x".repeat(200), 2],
    ),
    receipts: judge(
      of("receipt")
        .map((receipt) => receipt.join(" "))
        .sort(),
      expected.sort(),
    ),
    inbound: judge(inboundOf(of("inbound")), ["447700900911 Hello", "447700900915 3 parts"]),
    query: judge(first("query"), "2"),
  };
};

const bodyOf = async (messages, id) => (id === undefined ? undefined : (await messages.get(id)).body);

/** Of texts that begin with a header for concatenation, how many there are. */
function inboundOf(all) {
  const texts = all.map(([from, hex]) => [from, Buffer.from(hex, "hex")]);
  const whole = texts.filter(([, octets]) => octets[0] !== 5).map(([from, octets]) => `${from} ${octets}`);
  const parts = texts.filter(([, octets]) => octets[0] === 5).map(([from]) => from);
  return [...whole, `${parts[0]} ${parts.length} parts`];
}
