import { useAnswer, useEvery } from "../api/use-api.ts";
import { ProblemBox } from "../parts/problem-box.tsx";
import { Table } from "../parts/table.tsx";
import { numberText, secondsText } from "../parts/values.tsx";
import { stagesOf } from "./stages.ts";

const ASK_EVERY_MS = 15_000;

/** How much waits in each stage, and how long the oldest has. */
export function Waiting() {
  const { answer, problem, loading, ask } = useAnswer(async (api, options) =>
    stagesOf(await api.server.metrics(options)),
  );
  useEvery(loading ? null : ASK_EVERY_MS, ask);
  return (
    <section>
      <h2>What waits</h2>
      <ProblemBox problem={problem} />
      {answer?.length === 0 && <p class="empty">This program does not count it yet.</p>}
      {answer !== undefined && answer.length > 0 && (
        <Table
          label="What waits"
          rows={answer}
          keyOf={({ title }) => title}
          columns={[
            { title: "Stage", cell: ({ title }) => title },
            { title: "Waiting", number: true, cell: ({ waiting }) => numberText(waiting) },
            { title: "Oldest for", number: true, cell: ({ oldest }) => (oldest === 0 ? "–" : secondsText(oldest)) },
          ]}
        />
      )}
    </section>
  );
}
