import { type Bind, commandStatus, commandStatusName, type SubmitAnswer, type SubmitSm } from "@messaging-plus/smpp";
import { bodyOf, partOf } from "../../carriers/simulator/reply.ts";
import { SimulatedSmsc } from "../../carriers/simulator/smsc.ts";
import { systemClock } from "../../runtime/clock.ts";
import { TokenBuckets } from "../../runtime/token-buckets.ts";
import { sayer, textOf } from "./say.ts";

export interface SmscOptions {
  host: string;
  port: number;
  systemId?: string;
  password?: string;
  receiptDelay: number;
  throughput: number;
  sourceTon?: number;
  sourceNpi?: number;
  destTon?: number;
  destNpi?: number;
  receiptsTo?: string;
  json?: boolean;
}

/** Time for outstanding answers after a stop, in ms. */
const CLOSE_MS = 2_000;

/** Runs the simulated SMSC until it is told to stop. */
export async function simulateSmsc(options: SmscOptions): Promise<void> {
  const { host, port, systemId, password, receiptDelay, receiptsTo, json } = options;
  const say = sayer(json);
  const smsc = new SimulatedSmsc({
    receiptDelayMs: receiptDelay * 1_000,
    receiptsTo,
    admitSubmit: gate(options),
    admit: (bind) => {
      const status = bindStatus(bind, systemId, password);
      if (status !== 0) say({ event: "refused", ...boundAs(bind), command_status: status }, `refused ${nameOf(bind)}`);
      return status;
    },
    onBound: (bind) => say({ event: "bound", ...boundAs(bind) }, `bound as ${nameOf(bind)}`),
    onSubmit: (submit, answer, owner) => {
      const shown = { event: "submit", system_id: owner, ...submitted(submit, answer) };
      say(shown, `${shown.from} → ${shown.to}  ${answerText(answer)}  ${JSON.stringify(shown.text)}`);
    },
  });
  const listening = await smsc.listen(port, host);
  say({ event: "listening", host, port: listening }, `the simulated SMSC listens at ${host}:${listening}`);
  const stop = (): void => void smsc.close(CLOSE_MS);
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
}

function bindStatus(bind: Bind, systemId: string | undefined, password: string | undefined): number {
  if (systemId !== undefined && bind.system_id !== systemId) return commandStatus.ESME_RINVSYSID;
  return password !== undefined && bind.password !== password ? commandStatus.ESME_RINVPASWD : commandStatus.ESME_ROK;
}

/** Refuses types of number and numbering plans but the given ones, and more submits a second than a name may send. */
function gate({ throughput, sourceTon, sourceNpi, destTon, destNpi }: SmscOptions) {
  const buckets = throughput === 0 ? null : new TokenBuckets(throughput, throughput, systemClock);
  return (submit: SubmitSm, owner: string): number => {
    if (submit.source_addr_ton !== (sourceTon ?? submit.source_addr_ton)) return commandStatus.ESME_RINVSRCTON;
    if (submit.source_addr_npi !== (sourceNpi ?? submit.source_addr_npi)) return commandStatus.ESME_RINVSRCNPI;
    if (submit.dest_addr_ton !== (destTon ?? submit.dest_addr_ton)) return commandStatus.ESME_RINVDSTTON;
    if (submit.dest_addr_npi !== (destNpi ?? submit.dest_addr_npi)) return commandStatus.ESME_RINVDSTNPI;
    return (buckets?.take(owner) ?? 0) > 0 ? commandStatus.ESME_RTHROTTLED : commandStatus.ESME_ROK;
  };
}

function boundAs({ system_id, command }: Bind): { system_id: string; command: string } {
  return { system_id, command };
}

function nameOf({ system_id, command }: Bind): string {
  return `${command.slice("bind_".length)} ${JSON.stringify(system_id)}`;
}

/** The output for a submit; `part` names a part of a long message. */
function submitted(submit: SubmitSm, { command_status, message_id = "" }: SubmitAnswer) {
  const { source_addr: from, destination_addr: to, esm_class, data_coding, registered_delivery } = submit;
  const text = textOf(submit, bodyOf(submit));
  const part = partOf(submit) ?? null;
  return { from, to, text, part, esm_class, data_coding, registered_delivery, command_status, message_id };
}

function answerText({ command_status, message_id = "" }: SubmitAnswer): string {
  return command_status === commandStatus.ESME_ROK ? message_id : commandStatusName(command_status);
}
