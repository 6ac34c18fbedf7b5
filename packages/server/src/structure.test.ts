import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

/**
 * Who may import what. A room is a folder of src; the files beside the rooms put the program together and are imported
 * by no room.
 */
const PACKAGES = join(dirname(fileURLToPath(import.meta.url)), "../..");
const ROOT = join(PACKAGES, "..");

/** Rooms without I/O, and what they may import from outside: nothing of node: but what stands here. */
const PURE: Record<string, readonly string[]> = {
  message: ["node:crypto"],
  route: [],
};
/** What every stage may import, of our own. */
const COMMON = ["message", "route", "store", "runtime", "network", "config"];
/** Rooms of our own that a room may import, itself aside. */
const ALLOWED: Record<string, readonly string[]> = {
  message: [],
  route: ["message", "config"],
  runtime: ["message"],
  // Its types are every stage's; what reads and checks it stands on the pure rules.
  config: ["message", "network", "runtime"],
  store: ["message", "runtime"],
  network: ["runtime"],
  accept: COMMON,
  // The requests: each becomes a call of accept or of account.
  http: [...COMMON, "accept", "account"],
  send: COMMON,
  carriers: COMMON,
  receipt: COMMON,
  inbound: COMMON,
  notify: COMMON,
  account: COMMON,
  // Submits over SMPP become the same acceptances, by the same rules, as requests over HTTP.
  "smpp-server": [...COMMON, "accept", "account", "http"],
  // Puts the stages together, and is imported by main.ts alone.
  processes: [
    ...COMMON,
    "http",
    "accept",
    "account",
    "send",
    "carriers",
    "receipt",
    "inbound",
    "notify",
    "reference",
    "smpp-server",
  ],
  // Tells of the stages what callers see of them; no stage imports it.
  reference: [...COMMON, "http", "carriers", "notify"],
};
/** A stage's small interface, which others may know the types of. */
const INTERFACES: Record<string, string> = {
  "carriers/carrier.ts": "what a carrier is to those that give it messages and take its receipts",
  "config/config.ts": "what may be set",
  "inbound/opt-outs.ts": "which handsets the sender is not to send to",
};
const MAX_LINES = 400;

const STATIC = /^(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"/gm;
const DYNAMIC = /\bimport\("([^"]+)"\)/g;

interface Import {
  /** Path in src. */
  file: string;
  /** Path in src, or a module's name. */
  target: string;
  onlyTypes: boolean;
}

const server = sources("server");
const imports = Object.entries(server).flatMap(([file, text]) => importsOf(file, text));

describe("the rooms", () => {
  test("are all known to this rule", () => {
    const rooms = new Set(Object.keys(server).flatMap((file) => roomOf(file) ?? []));
    expect([...rooms].filter((room) => ALLOWED[room] === undefined && room !== "cli")).toEqual([]);
  });

  test("import only what the rule allows", () => {
    expect(imports.filter((one) => !isAllowed(one)).map(nameOf)).toEqual([]);
  });

  test("have no circle of imports, types included, within a room or across", () => {
    expect(circlesOf(imports)).toEqual([]);
  });

  test("throw at each other what runtime/errors.ts has: a stage's own errors stay in it", () => {
    const isStage = (room: string | null) => room !== null && room !== "cli" && !COMMON.includes(room);
    const own = Object.entries(server)
      .filter(([file]) => isStage(roomOf(file)))
      .flatMap(([file, text]) =>
        [...text.matchAll(/class (\w+) extends Error/g)].map(([, name]) => ({ file, name: name! })),
      );
    const crossing = imports.filter(({ file, target }) => {
      if (!isStage(roomOf(file)) || roomOf(file) === roomOf(target)) return false;
      const imported = [...server[file]!.matchAll(/import \{([^}]*)\} from "([^"]+)"/g)]
        .filter(([, , from]) => posix.join(posix.dirname(file), from!) === target)
        .flatMap(([, names]) => names!.split(/[\s,]+/));
      return own.some((error) => error.file === target && imported.includes(error.name));
    });
    expect(own.length).toBeGreaterThan(5);
    expect(crossing.map(nameOf)).toEqual([]);
  });

  test.each(Object.keys(PURE))("%s/ does no I/O", (room) => {
    const outside = imports.filter(({ file, target }) => roomOf(file) === room && server[target] === undefined);
    const known = (target: string) => PURE[room]!.some((name) => target === name || target.startsWith(`${name}/`));
    expect(outside.filter(({ target }) => !known(target)).map(nameOf)).toEqual([]);
  });
});

describe("the commands", () => {
  test("print by what makes foreign words harmless to a terminal", () => {
    // The start text has an emphasis of its own.
    const own = ["cli/output.ts", "cli/progress.ts", "cli/run.ts"];
    const printing = Object.entries(server).filter(
      ([file, text]) => roomOf(file) === "cli" && /\b(?:stdout|stderr|stream)\.write|\bconsole\./.test(text),
    );
    expect(printing.map(([file]) => file).sort()).toEqual(own);
  });
});

describe.each([
  { name: "smpp", may: "node:" },
  // Runs where there is no Node.
  { name: "sdk", may: null },
])("packages/$name", ({ name, may }) => {
  test("depends on nothing and knows nothing of the platform's inside", () => {
    const { dependencies } = JSON.parse(readFileSync(join(PACKAGES, name, "package.json"), "utf8"));
    expect(dependencies).toBeUndefined();
    const own = sources(name);
    const outside = Object.entries(own)
      .flatMap(([file, text]) => importsOf(file, text))
      .filter(({ target }) => own[target] === undefined && !(may !== null && target.startsWith(may)));
    expect(outside.map(nameOf)).toEqual([]);
  });
});

describe("packages/dashboard", () => {
  test("has of the server its pure rules alone, and beside them the client, Preact and uPlot", () => {
    const own = sources("dashboard");
    const outside = Object.entries(own)
      .flatMap(([file, text]) => importsOf(file, text))
      .filter(
        ({ target }) => own[target] === undefined && !/^(preact(\/hooks)?|uplot|@messaging-plus\/sdk)$/.test(target),
      );
    expect(outside.filter(({ target }) => !target.startsWith("../../server/src/message/")).map(nameOf)).toEqual([]);
  });
});

test("the scripts of package.json run files that are there", () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const named = Object.values(scripts).flatMap((script) => script.match(/[\w./-]+\.(?:mjs|ts)\b/g) ?? []);
  expect(named.length).toBeGreaterThan(15);
  expect(named.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
});

describe("every source file", () => {
  const names = ["dashboard", "sdk", "smpp", "server"];
  const all = Object.assign({}, ...names.map((name) => prefixed(name, sources(name)))) as Record<string, string>;

  test(`has at most ${MAX_LINES} lines`, () => {
    const long = Object.entries(all).filter(([, text]) => text.split("\n").length - 1 > MAX_LINES);
    expect(long.map(([file]) => file)).toEqual([]);
  });

  test("of the store takes states from the life cycle, and writes none as a number", () => {
    const literal = /\bstate\s*(?:=|<>|[<>]=?|IN)\s*\(?\d/;
    const stored = Object.keys(all).filter((file) => file.startsWith("server/store/"));
    expect(stored.filter((file) => literal.test(all[file]!))).toEqual([]);
  });

  test("of the store loads pg by store/pg.ts alone, and so without fetch", () => {
    const loading = Object.keys(server).filter((file) =>
      /^(?:import (?!type)|export ).*from "pg";/m.test(server[file]!),
    );
    expect(loading).toEqual(["store/pg.ts"]);
  });

  test("marks nothing as to be done later", () => {
    expect(Object.keys(all).filter((file) => /\b(TODO|FIXME|XXX)\b/.test(all[file]!))).toEqual([]);
  });
});

describe("the linter", () => {
  test("refuses promises that nobody waits for, and `any`", () => {
    const folder = mkdtempSync(join(tmpdir(), "mplus-lint-"));
    try {
      copyFileSync(join(ROOT, "biome.json"), join(folder, "biome.json"));
      const lines = ["work();", "if (work()) throw new Error();", "export const value: any = await work();"];
      writeFileSync(join(folder, "probe.ts"), ["async function work(): Promise<void> {}", ...lines].join("\n"));
      const biome = join(ROOT, "node_modules/.bin/biome");
      const options = { cwd: folder, encoding: "utf8" } as const;
      const { stdout } = spawnSync(biome, ["lint", "--vcs-enabled=false", "--reporter=json", "."], options);
      const found = (JSON.parse(stdout) as { diagnostics: { category: string }[] }).diagnostics;
      expect(found.map(({ category }) => category.split("/").at(-1)).sort()).toEqual([
        "noExplicitAny",
        "noFloatingPromises",
        "noMisusedPromises",
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** The sources of a package, without tests, by their paths in src. */
function sources(name: string): Record<string, string> {
  const folder = join(PACKAGES, name, "src");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.name.endsWith(".test.ts"))
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    files.map((file) => [relative(folder, file).split(sep).join("/"), readFileSync(file, "utf8")]),
  );
}

function prefixed(name: string, files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([file, text]) => [`${name}/${file}`, text]));
}

function importsOf(file: string, text: string): Import[] {
  const resolve = (name: string) => (name.startsWith(".") ? posix.join(posix.dirname(file), name) : name);
  return [
    ...[...text.matchAll(STATIC)].map(([, type, name]) => ({
      file,
      target: resolve(name!),
      onlyTypes: type !== undefined,
    })),
    ...[...text.matchAll(DYNAMIC)].map(([, name]) => ({ file, target: resolve(name!), onlyTypes: false })),
  ];
}

/** The groups of files of which each can be reached from each other, by Tarjan's algorithm. */
function circlesOf(all: readonly Import[]): string[][] {
  const targets = new Map<string, string[]>();
  for (const { file, target } of all) targets.set(file, [...(targets.get(file) ?? []), target]);
  const reached = new Map<string, { index: number; low: number }>();
  const open: string[] = [];
  const circles: string[][] = [];
  const visit = (file: string) => {
    const here = { index: reached.size, low: reached.size };
    reached.set(file, here);
    open.push(file);
    for (const target of targets.get(file) ?? []) {
      const there = reached.get(target);
      if (there === undefined) here.low = Math.min(here.low, visit(target).low);
      else if (open.includes(target)) here.low = Math.min(here.low, there.index);
    }
    if (here.low === here.index) {
      const group = open.splice(open.indexOf(file));
      if (group.length > 1) circles.push(group);
    }
    return here;
  };
  for (const file of targets.keys()) if (!reached.has(file)) visit(file);
  return circles;
}

/** Null for a file beside the rooms. */
function roomOf(file: string): string | null {
  return file.includes("/") ? file.slice(0, file.indexOf("/")) : null;
}

/** Of our own alone: modules from outside are the rule of pure rooms. */
function isAllowed({ file, target, onlyTypes }: Import): boolean {
  const room = roomOf(file);
  // The files beside the rooms and the command line are where everything meets.
  if (room === null || room === "cli" || server[target] === undefined || roomOf(target) === room) return true;
  if (onlyTypes && target in INTERFACES) return true;
  return ALLOWED[room]?.includes(roomOf(target) ?? target) ?? false;
}

function nameOf({ file, target }: Import): string {
  return `${file} → ${target}`;
}
