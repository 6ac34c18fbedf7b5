import type { Me } from "@messaging-plus/sdk";
import { useMemo, useState } from "preact/hooks";
import { accountViews } from "./account/views.tsx";
import { clientOf } from "./api/client.ts";
import type { Problem } from "./api/problem.ts";
import { ApiContext } from "./api/use-api.ts";
import { operatorViews } from "./operator/views.tsx";
import { organizationViews } from "./organization/views.tsx";
import { Shell, type View } from "./parts/shell.tsx";
import { type Session, storedSession, storeSession } from "./session.ts";
import { SignIn } from "./sign-in.tsx";

/** What each kind of key opens. */
const VIEWS: Record<Me["kind"], readonly View[]> = {
  account: accountViews,
  organization: organizationViews,
  operator: operatorViews,
};

export function App() {
  const [session, setSession] = useState(storedSession);
  const [refusal, setRefusal] = useState<Problem>();
  const change = (next: Session | null, problem?: Problem): void => {
    storeSession(next);
    setSession(next);
    setRefusal(problem);
  };
  // A key that stops working ends the session, with the reason.
  const api = useMemo(() => clientOf(session?.key ?? "", (problem) => change(null, problem)), [session?.key]);
  if (session === null) return <SignIn refusal={refusal} onSession={change} />;
  return (
    <ApiContext.Provider value={api}>
      <Shell views={VIEWS[session.me.kind]} signedIn={session.me} onLeave={() => change(null)} />
    </ApiContext.Provider>
  );
}
