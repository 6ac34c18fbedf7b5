import { shareOf } from "../config/engines.ts";
import { setLogLevel } from "../runtime/log.ts";
import type { MadeEngine } from "./make-engine.ts";
import type { EngineAnswers, EngineQuestionOf } from "./protocol.ts";

type Kind = keyof EngineAnswers;

const ANSWERS: {
  [Of in Kind]: (
    made: MadeEngine,
    number: number,
    question: EngineQuestionOf<Of>,
  ) => EngineAnswers[Of] | Promise<EngineAnswers[Of]>;
} = {
  metrics: ({ registry }) => registry.metrics(),
  carriers: ({ engine }) => engine.carriers,
  stuck: ({ engine }) => engine.stuck,
  waiting: ({ engine }, _number, { message }) => engine.whyWaiting(message),
  cancel: ({ engine }, _number, { message }) => engine.cancel(message),
  refreshCarriers: async ({ engine }) => {
    await engine.refreshPaused();
    return null;
  },
  reload: async ({ engine, log }, number, { reloaded }) => {
    const { config } = reloaded;
    setLogLevel(log, config.log.level);
    await engine.reload({ ...reloaded, config: shareOf(config, number) });
    return null;
  },
};

/** Answers for an engine, in the process that it is in. @param number its number in the program */
export async function answerFor<Of extends Kind>(
  made: MadeEngine,
  number: number,
  question: EngineQuestionOf<Of>,
): Promise<EngineAnswers[Of]> {
  return ANSWERS[question.kind as Of](made, number, question);
}
