import type { MessagingPlus } from "@messaging-plus/sdk";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { type Action, useAction } from "../api/use-api.ts";
import { ProblemBox } from "./problem-box.tsx";

interface ConfirmProps {
  /** On the button, and on the button that does it. */
  label: string;
  /** What will happen. */
  children: ComponentChildren;
  act(api: MessagingPlus): Promise<void>;
  danger?: boolean;
  small?: boolean;
}

/** A button that asks first. */
export function Confirm({ label, children, act, danger = false, small = false }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const action: Action<[]> = useAction(async (api) => {
    await act(api);
    dialog.current?.close();
  });
  const kind = danger ? "danger" : "primary";
  return (
    <>
      <button
        type="button"
        class={`${small ? "small" : ""} ${danger ? "danger" : ""}`}
        onClick={() => dialog.current?.showModal()}
      >
        {label}
      </button>
      <dialog ref={dialog} aria-label={label}>
        <div>{children}</div>
        <ProblemBox problem={action.problem} />
        <p class="buttons">
          <button type="button" class={kind} disabled={action.busy} onClick={() => void action.run()}>
            {label}
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            Leave it
          </button>
        </p>
      </dialog>
    </>
  );
}
