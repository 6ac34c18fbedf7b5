import type { KeyScope, Me } from "@messaging-plus/sdk";
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { MeContext, opens } from "../api/me.ts";
import { LiveContext, useAnswer, useEvery } from "../api/use-api.ts";
import { hrefOf, type Route, useRoute } from "../route.ts";
import { Check } from "./field.tsx";
import { NumberSearch } from "./search.tsx";
import { countText, zoneText } from "./values.tsx";

/** A part of the page that the contents lead to. */
export interface View {
  /** The first step of its address. */
  name: string;
  title: string;
  /** Scope without which a key has no use for it; `read` unless told. */
  needs?: KeyScope;
  render(route: Route): VNode;
}

interface ShellProps {
  views: readonly View[];
  /** Whose key it is, until the server is asked again. */
  signedIn: Me;
  onLeave(): void;
}

const ASK_EVERY_MS = 30_000;

/** The frame around every view: the contents, the owner of the key, the search, the way out. */
export function Shell({ views, signedIn, onLeave }: ShellProps) {
  const route = useRoute();
  const [live, setLive] = useState(true);
  const { answer: me = signedIn, loading, ask } = useAnswer((api, options) => api.keys.me(options));
  useEvery(loading || !live ? null : ASK_EVERY_MS, ask);
  const opened = views.filter(({ needs = "read" }) => opens(me.scope, needs));
  const view = opened.find(({ name }) => name === route.steps[0]) ?? opened[0]!;
  const address = route.steps.join("/");
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    document.title = `${view.title} · Messaging Plus`;
  }, [view.title]);
  // Whoever reads with the keyboard or by ear goes on where the new view begins.
  useEffect(() => {
    scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [address]);
  return (
    <MeContext.Provider value={me}>
      <header>
        <b>Messaging Plus</b>
        <NumberSearch />
        <Whose {...me} />
        <button type="button" class="small" onClick={onLeave}>
          Sign out
        </button>
      </header>
      <nav class="views" aria-label="Views">
        <ul>
          {opened.map(({ name, title }) => (
            <li key={name}>
              <a href={hrefOf([name])} aria-current={name === view.name ? "page" : undefined}>
                {title}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <main ref={main} tabIndex={-1}>
        <LiveContext.Provider value={live}>{view.render(route)}</LiveContext.Provider>
      </main>
      <footer>
        <p>
          <a href="docs" target="_blank" rel="noreferrer">
            API reference
          </a>{" "}
          <a href="docs/guides/index" target="_blank" rel="noreferrer">
            Guides
          </a>
        </p>
        <Check label="Refresh by itself" checked={live} onCheck={setLive} />
        <p class="quiet">
          Times are of {Intl.DateTimeFormat().resolvedOptions().timeZone}, {zoneText(new Date())} now.
        </p>
      </footer>
    </MeContext.Provider>
  );
}

const KINDS: Record<Me["kind"], string> = {
  account: "account key",
  organization: "organization key",
  operator: "operator key",
};
const SCOPES: Record<KeyScope, string> = { read: ", only reads", send: ", only sends", admin: "" };

/** By name and balance. */
function Whose({ kind, scope, account, organization }: Me) {
  const name = account?.name ?? organization?.name ?? "Operator";
  const balance = account?.credits ?? organization?.balance;
  const facts = [
    `${KINDS[kind]}${SCOPES[scope]}`,
    account !== undefined && organization?.name,
    balance !== undefined && countText(balance, "credit"),
  ];
  return (
    <p class="whose">
      <b>{name}</b>
      <span>{facts.filter(Boolean).join(" · ")}</span>
    </p>
  );
}
