import type { CarrierStatus } from "../carriers/carrier.ts";
import { carriersTogether } from "../carriers/together.ts";
import { enginesOf } from "../config/engines.ts";
import type { WhyWaiting } from "../message/waiting.ts";
import { systemClock } from "../runtime/clock.ts";
import { asError } from "../runtime/errors.ts";
import { firstStart, Restarts } from "./child-processes.ts";
import type { Engine } from "./engine.ts";
import { answerFor } from "./engine-answers.ts";
import { FurtherEngine } from "./further-engine.ts";
import { DRAIN_MS, type EngineParts, type MadeEngine, makeEngine } from "./make-engine.ts";
import type { EngineAnswers, EngineQuestionOf, EngineStart, EngineState, HandedOff } from "./protocol.ts";
import type { Reloaded } from "./stage.ts";

export interface EnginePoolOptions
  extends Omit<EngineParts, "number" | "name" | "onState">,
    Pick<EngineStart, "database" | "readable"> {
  /** Called when the state of an engine has changed, with those of all. */
  onStates(engines: readonly EngineState[]): void;
}

/** The number of the engine in this process. */
const FIRST = 1;
/** Time for a reload of one engine, in ms: it ends binds in order, and makes new ones. */
const RELOAD_MS = 30_000;

/**
 * The engines of this program: one in this process, each further one in its own, started again when it dies. Each is a node. A
 * message that was accepted under the lease of another than the first is passed on to its process.
 */
export class EnginePool {
  readonly #options: EnginePoolOptions;
  readonly #made: MadeEngine;
  #firstState: EngineState = { node: 0, buffered: 0 };
  /** By their numbers. */
  readonly #further = new Map<number, FurtherEngine>();
  readonly #restarts = new Restarts();
  #reloaded: Reloaded;
  #stopping = false;

  constructor(options: EnginePoolOptions) {
    this.#options = options;
    this.#reloaded = counted(options.reloaded);
    const onState = (state: EngineState): void => {
      this.#firstState = state;
      this.#tell();
    };
    this.#made = makeEngine({ ...options, reloaded: this.#reloaded, number: FIRST, name: "engine", onState });
  }

  /** The one in this process, which does what is done once for the program. */
  get first(): Engine {
    return this.#made.engine;
  }

  /** Starts the further engines; the first one's start is its own. Rejects with the first error of one that cannot start. */
  async startFurther(): Promise<void> {
    await Promise.all(this.#missing().map((number) => this.#begin(number)));
  }

  /** Passes messages to the engine under whose lease they were accepted. They are others' if it is no more. */
  take(handedOff: HandedOff): void {
    const { node } = handedOff;
    if (node === this.first.node) this.first.take(handedOff);
    else [...this.#further.values()].find(({ state }) => state.node === node)?.take(handedOff);
  }

  /** An accepting process has died. */
  lookForLost(): void {
    this.first.lookForLost();
    for (const engine of this.#further.values()) engine.lookForLost();
  }

  /** Their metrics, each in Prometheus' text form. */
  metrics(): Promise<string[]> {
    return this.#askAll<"metrics">({ kind: "metrics" });
  }

  /** The carriers with the binds and counts of all. */
  async carriers(): Promise<CarrierStatus[]> {
    return carriersTogether(await this.#askAll<"carriers">({ kind: "carriers" }));
  }

  /** Why a message waits to be submitted; null if it is in no memory. */
  async whyWaiting(message: string): Promise<WhyWaiting | null> {
    const answers = await this.#askAll<"waiting">({ kind: "waiting", message });
    return answers.find((why) => why !== null) ?? null;
  }

  /** Cancels a message that waits for a carrier, in some memory or in nobody's. Resolves with whether one did. */
  async cancel(message: string): Promise<boolean> {
    return (await this.#askAll<"cancel">({ kind: "cancel", message })).includes(true);
  }

  /** Work that has stopped although the store answers. */
  async stuck(): Promise<string[]> {
    const further = [...this.#further.values()].filter(({ up }) => up);
    const lists = further.map(async (engine) => {
      const loops = (await engine.ask<"stuck">({ kind: "stuck" })) ?? (engine.up ? ["the event loop"] : []);
      return loops.map((loop) => `${engine.name}: ${loop}`);
    });
    return [...this.first.stuck, ...(await Promise.all(lists)).flat()];
  }

  async refreshPaused(): Promise<void> {
    await this.#askAll<"refreshCarriers">({ kind: "refreshCarriers" });
  }

  /**
   * Goes on with another configuration. No carrier has more binds meanwhile than one of the two allows: engines that there are to
   * be no more end before the others get their shares, and new ones begin with what these have given up.
   */
  async reload(next: Reloaded): Promise<void> {
    const reloaded = counted(next);
    this.#reloaded = reloaded;
    const count = enginesOf(reloaded.config);
    const surplus = [...this.#further].filter(([number]) => number > count);
    for (const [number] of surplus) this.#further.delete(number);
    await Promise.all(surplus.map(([, engine]) => engine.stop(systemClock.now() + DRAIN_MS)));
    const question: EngineQuestionOf<"reload"> = { kind: "reload", reloaded };
    const others = [...this.#further.values()].map(async (engine) => {
      await engine.started.catch(() => {});
      await engine.ask<"reload">(question, RELOAD_MS);
    });
    await Promise.all([answerFor<"reload">(this.#made, FIRST, question), ...others]);
    await this.startFurther();
  }

  /** Ends the work in memory; `deadline` (epoch ms) leaves the rest to the next node. Rejects if one did not end in order. */
  async stop(deadline: number): Promise<void> {
    this.#stopping = true;
    const further = [...this.#further.values()];
    const [ended] = await Promise.all([
      Promise.all(further.map((engine) => engine.stop(deadline))),
      this.first.stop(deadline),
    ]);
    await this.#made.traces?.stop();
    const unclean = further.filter((_, index) => !ended[index]).map(({ name }) => name);
    if (unclean.length > 0) throw new Error(`not ended in order: ${unclean.join(", ")}`);
  }

  /** The numbers of the further engines that are to be and are not. */
  #missing(): number[] {
    const numbers = Array.from({ length: enginesOf(this.#reloaded.config) }, (_, index) => index + 1);
    return numbers.filter((number) => number !== FIRST && !this.#further.has(number));
  }

  #begin(number: number): Promise<void> {
    return firstStart(
      () => this.#fork(number),
      () => {
        if (this.#stopping || !this.#missing().includes(number)) return false;
        this.#options.log.error({ engine: number }, "an engine died before it took messages; it is started again");
        return true;
      },
    );
  }

  /** Resolves when it takes messages. */
  #fork(number: number): Promise<void> {
    const { log, database, readable, publicUrl } = this.#options;
    const start = { number, reloaded: this.#reloaded, database, readable, publicUrl: publicUrl() };
    const engine = new FurtherEngine(start, log, () => this.#tell());
    this.#further.set(number, engine);
    const { started, ended, startedAt } = engine;
    void ended.then(() => {
      if (this.#further.get(number) !== engine) return;
      this.#further.delete(number);
      this.#tell();
    });
    return started.then(() => {
      void ended.then(() => this.#died(number, startedAt));
    });
  }

  /** Starts another in its place, now or after a pause. */
  #died(number: number, startedAt: number): void {
    if (this.#stopping || !this.#missing().includes(number)) return;
    const { log } = this.#options;
    const wait = this.#restarts.after(startedAt);
    log.error({ engine: number, restartMs: wait }, "an engine died; it is started again");
    setTimeout(() => {
      if (this.#stopping || !this.#missing().includes(number)) return;
      const begunAt = Date.now();
      this.#fork(number).catch((error: unknown) => {
        log.error({ err: asError(error), engine: number }, "it did not start");
        this.#died(number, begunAt);
      });
    }, wait);
  }

  #tell(): void {
    this.#options.onStates([this.#firstState, ...[...this.#further.values()].map(({ state }) => state)]);
  }

  /** The answers of those that answer. */
  async #askAll<Kind extends keyof EngineAnswers>(question: EngineQuestionOf<Kind>): Promise<EngineAnswers[Kind][]> {
    const answers = await Promise.all([
      answerFor<Kind>(this.#made, FIRST, question),
      ...[...this.#further.values()].map((engine) => engine.ask<Kind>(question).catch(() => undefined)),
    ]);
    return answers.flatMap((answer) => (answer === undefined ? [] : [answer]));
  }
}

/** With the number of engines that "auto" comes to: all of them must share by the same. */
function counted(reloaded: Reloaded): Reloaded {
  const { config } = reloaded;
  return { ...reloaded, config: { ...config, engines: enginesOf(config) } };
}
