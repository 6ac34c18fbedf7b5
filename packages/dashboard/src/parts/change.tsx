import type { MessagingPlus } from "@messaging-plus/sdk";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { useAction } from "../api/use-api.ts";
import { Form } from "./field.tsx";
import { ProblemBox } from "./problem-box.tsx";

interface ChangeProps {
  /** Of the thing that is changed. */
  name: string;
  /** The fields. */
  children: ComponentChildren;
  onOpen?(): void;
  save(api: MessagingPlus): Promise<void>;
}

/** A button that opens a form; it closes once the change is saved. */
export function Change({ name, children, onOpen, save }: ChangeProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const action = useAction(async (api) => {
    await save(api);
    dialog.current?.close();
  });
  const open = (): void => {
    onOpen?.();
    dialog.current?.showModal();
  };
  return (
    <>
      <button type="button" class="small" onClick={open}>
        Change
      </button>
      <dialog ref={dialog} aria-label={`Change ${name}`}>
        <Form label={`Change ${name}`} onSubmit={action.run}>
          {children}
          <ProblemBox problem={action.problem} />
          <p class="buttons">
            <button type="submit" class="primary" disabled={action.busy}>
              Save
            </button>
            <button type="button" onClick={() => dialog.current?.close()}>
              Leave it
            </button>
          </p>
        </Form>
      </dialog>
    </>
  );
}
