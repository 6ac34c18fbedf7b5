import type { SmppBind } from "@messaging-plus/sdk";
import { useAccountNames } from "../api/account-names.ts";
import { useMe } from "../api/me.ts";
import { usePages } from "../api/use-pages.ts";
import { List } from "../parts/table.tsx";
import { Moment, numberText, UnderWay } from "../parts/values.tsx";
import { hrefOf } from "../route.ts";

const ASK_EVERY_MS = 2_000;

/** Who is bound over SMPP, as it changes. */
export function Binds() {
  const { kind } = useMe();
  const nameOf = useAccountNames();
  const pages = usePages((api, options) => api.smpp.bound(options), "", ASK_EVERY_MS);
  return (
    <>
      <h1>SMPP</h1>
      <p class="quiet">
        Customers' software that is bound to the program that answers, and what came over each bind since.
        {kind === "organization" && " The names and passwords that it binds with are with each account."}
      </p>
      <List
        label="Binds"
        pages={pages}
        empty="Nobody is bound."
        keyOf={keyOf}
        columns={[
          { title: "Name", cell: ({ system_id }) => <b>{system_id}</b> },
          {
            title: "Account",
            cell: ({ account_uuid }) =>
              kind === "organization" ? (
                <a href={hrefOf(["accounts", account_uuid])}>{nameOf(account_uuid)}</a>
              ) : (
                <code class="uuid">{account_uuid}</code>
              ),
          },
          { title: "As", cell: (bind) => bind.kind },
          { title: "From", cell: ({ address }) => address },
          { title: "Since", cell: ({ since }) => <Moment at={since} /> },
          { title: "Under way", number: true, cell: (bind) => <UnderWay {...bind} /> },
          { title: "Accepted", number: true, cell: ({ counts }) => numberText(counts.accepted) },
          { title: "Refused", number: true, cell: ({ counts }) => numberText(counts.refused) },
          { title: "Delivered", number: true, cell: ({ counts }) => numberText(counts.delivered) },
        ]}
      />
    </>
  );
}

const keyOf = ({ since, system_id, kind, address }: SmppBind): string => `${since} ${system_id} ${kind} ${address}`;
