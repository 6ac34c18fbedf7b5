import { commandStatus } from "@messaging-plus/smpp";
import { AccountDeactivated, asError, Rejected } from "../runtime/errors.ts";
import type { ProblemName } from "../runtime/problems.ts";
import { isTransientDatabaseError } from "../store/errors.ts";

/** A refused submit: the command_status of its answer (SMPP 3.4 §5.1.3), and why, for the operator's log. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;
  /** The field of the PDU at fault, if one is. */
  readonly field: string | null;

  constructor(status: number, field: string | null, why: string) {
    super(why);
    this.status = status;
    this.field = field;
  }
}

/** The fields of `POST /message`, each with its field of submit_sm and the status for its fault. */
const FIELDS: readonly (readonly [path: RegExp, field: string, status: number])[] = [
  [/\.from\b/, "source_addr", commandStatus.ESME_RINVSRCADR],
  [/\.to$/, "destination_addr", commandStatus.ESME_RINVDSTADR],
  [/\.send_at$/, "schedule_delivery_time", commandStatus.ESME_RINVSCHED],
  [/\.validity$/, "validity_period", commandStatus.ESME_RINVEXPIRY],
  [/\.tlvs\b/, "tlvs", commandStatus.ESME_RINVOPTPARSTREAM],
];

const PROBLEMS: Partial<Record<ProblemName, number>> = {
  "sender-not-yours": commandStatus.ESME_RINVSRCADR,
  "no-shared-number": commandStatus.ESME_RINVSRCADR,
  "credits-short": commandStatus.ESME_RSUBMITFAIL,
  "too-many-requests": commandStatus.ESME_RTHROTTLED,
  overloaded: commandStatus.ESME_RX_T_APPN,
  "no-progress": commandStatus.ESME_RX_T_APPN,
  "store-unavailable": commandStatus.ESME_RX_T_APPN,
};

/** The status for a submit whose acceptance threw this. */
export function refusalOf(thrown: unknown): Refused {
  if (thrown instanceof Refused) return thrown;
  if (thrown instanceof AccountDeactivated) return new Refused(commandStatus.ESME_RSUBMITFAIL, null, thrown.message);
  if (thrown instanceof Rejected) return refusalOfProblem(thrown);
  const { message } = asError(thrown);
  const status = isTransientDatabaseError(thrown) ? commandStatus.ESME_RX_T_APPN : commandStatus.ESME_RSYSERR;
  return new Refused(status, null, message);
}

function refusalOfProblem({ problem, faults, message }: Rejected): Refused {
  const [fault] = faults;
  const why = fault === undefined ? message : fault.message;
  const known = FIELDS.find(([path]) => fault !== undefined && path.test(fault.path));
  const status = PROBLEMS[problem];
  if (status !== undefined)
    return new Refused(status, status === commandStatus.ESME_RINVSRCADR ? "source_addr" : null, why);
  if (known !== undefined) return new Refused(known[2], known[1], why);
  // A text of too many parts is too long; one that cannot be stored is a text that nobody could send.
  const tooLong = /^takes \d+ parts/.test(why);
  return new Refused(tooLong ? commandStatus.ESME_RINVMSGLEN : commandStatus.ESME_RSUBMITFAIL, "short_message", why);
}
