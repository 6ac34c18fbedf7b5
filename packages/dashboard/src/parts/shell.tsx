import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { hrefOf, type Route, useRoute } from "../route.ts";
import type { Holder } from "../session.ts";

/** A part of the page that the contents lead to. */
export interface View {
  /** The first step of its address. */
  name: string;
  title: string;
  render(route: Route): VNode;
}

interface ShellProps {
  views: readonly View[];
  holder: Holder;
  onLeave(): void;
}

const WHOSE: Record<Holder, string> = {
  account: "account key",
  organization: "organization key",
  operator: "operator key",
};

/** What is around every view: the contents, whose key it is, the way out. */
export function Shell({ views, holder, onLeave }: ShellProps) {
  const route = useRoute();
  const view = views.find(({ name }) => name === route.steps[0]) ?? views[0]!;
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
    <>
      <header>
        <b>Messaging Plus</b>
        <span>{WHOSE[holder]}</span>
        <button type="button" class="small" onClick={onLeave}>
          Sign out
        </button>
      </header>
      <nav aria-label="Views">
        <ul>
          {views.map(({ name, title }) => (
            <li key={name}>
              <a href={hrefOf([name])} aria-current={name === view.name ? "page" : undefined}>
                {title}
              </a>
            </li>
          ))}
        </ul>
        <p>
          <a href="docs" target="_blank" rel="noreferrer">
            API reference
          </a>
        </p>
      </nav>
      <main ref={main} tabIndex={-1}>
        {view.render(route)}
      </main>
    </>
  );
}
