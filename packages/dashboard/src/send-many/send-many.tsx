import type { BatchRequest } from "@messaging-plus/sdk";
import { useMemo, useState } from "preact/hooks";
import { batchesOf } from "../../../server/src/message/batches-of.ts";
import { partsTo } from "../../../server/src/message/parts-to.ts";
import { channelsOf, useChannelOrders } from "../account/channels.tsx";
import { NO_REST, Rest, restOf } from "../account/rest.tsx";
import { TextField } from "../account/text-field.tsx";
import { useAnswer } from "../api/use-api.ts";
import { Confirm } from "../parts/confirm.tsx";
import { Field, Form } from "../parts/field.tsx";
import { ProblemBox } from "../parts/problem-box.tsx";
import { Numbers } from "./numbers.tsx";
import { Plan } from "./plan.tsx";
import { useRun } from "./run.ts";
import { Sending } from "./sending.tsx";
import { useNumbers } from "./use-numbers.ts";

const EMPTY = { from: "", body: "", country: "", ...NO_REST };

/** One text to the numbers of a file. */
export function SendMany() {
  const orders = useChannelOrders();
  const [form, setForm] = useState({ ...EMPTY, channels: orders[0]?.[0] ?? "" });
  const [file, setFile] = useState<File>();
  const [column, setColumn] = useState<string>();
  const [skip, setSkip] = useState(false);
  const { run, send, prepare, stop } = useRun();
  const read = useNumbers(file, column, form.country);
  const { answer: languages } = useAnswer((api, options) => api.messages.nationalLanguages(options));
  const chunks = useMemo(() => batchesOf(read.list?.numbers ?? []), [read.list]);
  const parts = useMemo(
    () => chunks.reduce((sum, some) => sum + some.length * partsTo(form.body, some, languages?.routes ?? []), 0),
    [chunks, form.body, languages],
  );
  const isBegun = run !== undefined && (send.busy || run.uuids.length > 0);
  if (isBegun) {
    return (
      <>
        <h1>Send to many</h1>
        <Sending run={run} send={send} onStop={stop} onNew={() => prepare()} />
      </>
    );
  }

  const change = (name: keyof typeof EMPTY, value: string): void => {
    prepare();
    setForm((before) => ({ ...before, [name]: value }));
  };
  const field = (name: keyof typeof EMPTY) => ({
    value: form[name],
    onText: (value: string) => change(name, value),
  });
  const requests = (): BatchRequest[] => {
    const [channel, ...others] = form.channels === "" ? [] : channelsOf(form.channels);
    const fallbacks = others.length === 0 ? undefined : others;
    const fields = { from: form.from, message: form.body, channel, fallback_channels: fallbacks, ...restOf(form) };
    return chunks.map((destinations) => ({ ...fields, destinations }));
  };
  const count = read.list?.numbers.length ?? 0;
  const isReady = count > 0 && form.body !== "" && (skip || read.list?.faults.length === 0);
  const plan = <Plan messages={count} parts={parts} />;
  return (
    <>
      <h1>Send to many</h1>
      <Form label="Batch" onSubmit={() => {}}>
        <Numbers
          file={file}
          onFile={(chosen) => {
            prepare();
            setColumn(undefined);
            setFile(chosen);
          }}
          column={column}
          onColumn={(chosen) => {
            prepare();
            setColumn(chosen);
          }}
          country={form.country}
          onCountry={(code) => change("country", code)}
          skip={skip}
          onSkip={setSkip}
          read={read}
        />
        <Field label="Sender ID" placeholder="MyShop" {...field("from")} />
        <TextField to={read.list?.numbers[0] ?? ""} {...field("body")} />
        <Rest {...form} onText={change} />
        <ProblemBox problem={send.problem} />
        {isReady ? (
          <>
            {plan}
            <Confirm
              label="Send"
              act={async () => {
                // The same again after a lost answer: the batch is sent once.
                if (run === undefined) prepare(requests());
                void send.run();
              }}
            >
              {plan}
              <p>They are sent at once, and cannot be taken back unless they are held for their time.</p>
            </Confirm>
          </>
        ) : (
          <p class="quiet">
            With numbers and a text, this says how many parts it is and what it costs, before anything is sent.
          </p>
        )}
      </Form>
    </>
  );
}
