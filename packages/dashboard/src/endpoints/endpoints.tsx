import type { Endpoint } from "@messaging-plus/sdk";
import { useAccountNames } from "../api/account-names.ts";
import { useMe } from "../api/me.ts";
import { useAnswer, useEvery } from "../api/use-api.ts";
import { usePages } from "../api/use-pages.ts";
import { ProblemBox } from "../parts/problem-box.tsx";
import { type Column, List, Table } from "../parts/table.tsx";
import { Moment, numberText, State } from "../parts/values.tsx";
import { hrefOf } from "../route.ts";

/** Endpoints of the overview. */
const FEW = 5;
const ASK_EVERY_MS = 15_000;

/** How the receivers of webhooks do, those that fail first. */
export function Endpoints() {
  const pages = usePages((api, options) => api.endpoints.list(options));
  const { all } = useColumns();
  return (
    <>
      <h1>Endpoints</h1>
      <p class="quiet">
        The origins that webhooks go to, each for one account. One at which 20 webhooks in a row have failed is only
        probed, with one webhook at a time; the others wait.
      </p>
      <List label="Endpoints" pages={pages} empty="No webhook was tried yet." keyOf={keyOf} columns={all} />
    </>
  );
}

/** The first of those that fail, of all accounts that the key sees. */
export function FailingEndpoints() {
  const { answer, problem, loading, ask } = useAnswer(async (api, { signal }) => {
    const { items } = await api.endpoints.list({ limit: FEW, signal }).page();
    return items.filter(({ state }) => state !== "ok");
  });
  useEvery(loading ? null : ASK_EVERY_MS, ask);
  const { few } = useColumns();
  return (
    <section>
      <h2>Endpoints that fail</h2>
      <ProblemBox problem={problem} />
      {answer?.length === 0 && <p class="empty">None does.</p>}
      {answer !== undefined && answer.length > 0 && (
        <Table label="Endpoints that fail" rows={answer} keyOf={keyOf} columns={few} />
      )}
      <p>
        <a href={hrefOf(["endpoints"])}>All endpoints</a>
      </p>
    </section>
  );
}

const keyOf = ({ account_uuid, origin }: Endpoint): string => `${account_uuid} ${origin}`;

function useColumns(): Record<"few" | "all", Column<Endpoint>[]> {
  const { kind } = useMe();
  const nameOf = useAccountNames();
  const account: Column<Endpoint> = {
    title: "Account",
    cell: ({ account_uuid }) =>
      kind === "organization" ? (
        <a href={hrefOf(["accounts", account_uuid])}>{nameOf(account_uuid)}</a>
      ) : (
        <code class="uuid">{account_uuid}</code>
      ),
  };
  const few: Column<Endpoint>[] = [
    { title: "Endpoint", cell: ({ origin }) => <span class="url">{origin}</span> },
    ...(kind === "account" ? [] : [account]),
    { title: "State", cell: ({ state }) => <State of={state} /> },
    { title: "Since", cell: ({ since }) => <Moment at={since} /> },
    { title: "Waiting", number: true, cell: ({ waiting }) => numberText(waiting) },
    { title: "Last answer", cell: ({ last }) => last.status ?? last.fault ?? "" },
  ];
  const all: Column<Endpoint>[] = [
    ...few,
    { title: "Last try", cell: ({ last }) => <Moment at={last.at} /> },
    { title: "Next probe", cell: ({ next_probe_at }) => <Moment at={next_probe_at} /> },
  ];
  return { few, all };
}
