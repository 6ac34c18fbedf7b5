import { useEffect, useId, useRef } from "preact/hooks";
import { go, hrefOf } from "../route.ts";

const KEY = "/";

/** Leads to the messages to a number, from anywhere. */
export function NumberSearch() {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const jump = (event: KeyboardEvent): void => {
      if (event.key !== KEY || event.ctrlKey || event.metaKey || event.altKey || takesText(event.target)) return;
      if (document.querySelector("dialog[open]") !== null) return;
      event.preventDefault();
      input.current?.select();
    };
    addEventListener("keydown", jump);
    return () => removeEventListener("keydown", jump);
  }, []);
  return (
    <search>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const to = input.current?.value.trim();
          if (to) go(hrefOf(["messages"], { to }));
        }}
      >
        <label for={id} class="unseen">
          Search messages by number
        </label>
        <input
          id={id}
          ref={input}
          type="search"
          inputMode="tel"
          autoComplete="off"
          spellcheck={false}
          placeholder="A number, or *its last digits"
          aria-keyshortcuts={KEY}
        />
        <span class="key" aria-hidden="true">
          {KEY}
        </span>
      </form>
    </search>
  );
}

/** Whether what is typed goes there. */
function takesText(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;
}
