import { useState } from "preact/hooks";
import type { Problem } from "./api/problem.ts";
import { useAction } from "./api/use-api.ts";
import { Field, Form } from "./parts/field.tsx";
import { ProblemBox } from "./parts/problem-box.tsx";
import { type Session, sessionOf } from "./session.ts";

interface SignInProps {
  /** Why the session before ended. */
  refusal: Problem | undefined;
  onSession(session: Session): void;
}

export function SignIn({ refusal, onSession }: SignInProps) {
  const [key, setKey] = useState("");
  const { run, busy, problem } = useAction(async () => onSession(await sessionOf(key.trim())));
  return (
    <main class="sign-in">
      <h1>Messaging Plus</h1>
      <p class="quiet">See what became of messages and webhooks.</p>
      <Form label="Sign in" onSubmit={run}>
        <Field
          label="Key"
          type="password"
          focused
          hint="An account's, an organization's or the operator's. This tab alone keeps it, until it is closed."
          value={key}
          onText={setKey}
        />
        <ProblemBox problem={problem ?? refusal} />
        <p class="buttons">
          <button type="submit" class="primary" disabled={busy || key.trim() === ""}>
            {busy ? "Asking…" : "Open"}
          </button>
        </p>
      </Form>
      <p class="quiet">
        The default keys are printed when the server starts in a terminal, and are in <code>keys.json</code> in its{" "}
        <code>dataDir</code>. <a href="docs">API reference</a> <a href="docs/guides/index">Guides</a>
      </p>
    </main>
  );
}
