import { commandStatus, type OtherAnswer, type OtherRequest } from "@messaging-plus/smpp";
import type { SmppLogin } from "../store/accounts/smpp-credentials.ts";
import type { Connections } from "../store/database.ts";
import { cancelled, queried } from "./questions.ts";
import { Refused } from "./status.ts";
import type { Submits } from "./submits.ts";

export interface OtherRequestOptions {
  submits: Submits;
  /** The store, in an account's turn. */
  databaseOf(accountId: number): Connections;
  /** Cancels a message that waits for a carrier; resolves with whether it did. */
  cancel(message: string): Promise<boolean>;
}

/**
 * Answers requests other than submit_sm.
 * @throws errors that `refusalOf` reads
 */
export async function answerOther(
  { submits, databaseOf, cancel }: OtherRequestOptions,
  login: SmppLogin,
  request: OtherRequest,
): Promise<OtherAnswer> {
  switch (request.command) {
    case "data_sm": {
      const rest = { protocol_id: 0, short_message: NOTHING, schedule_delivery_time: "", validity_period: "" };
      const message_id = await submits.accept(login, { ...rest, ...request });
      return { command_status: commandStatus.ESME_ROK, message_id };
    }
    case "submit_multi": {
      const { id, refused } = await submits.acceptMany(login, request, request.dest_addresses);
      const unsuccess_smes = refused.map(({ address, status }) => ({
        dest_addr_ton: "dest_addr_ton" in address ? address.dest_addr_ton : 0,
        dest_addr_npi: "dest_addr_npi" in address ? address.dest_addr_npi : 0,
        destination_addr: "destination_addr" in address ? address.destination_addr : address.dl_name,
        error_status_code: status,
      }));
      return { command_status: commandStatus.ESME_ROK, message_id: id, unsuccess_smes };
    }
    case "query_sm":
      return queried(databaseOf(login.accountId), login.accountId, request);
    case "cancel_sm":
      return cancelled(databaseOf(login.accountId), login.accountId, request, cancel);
    case "replace_sm":
      throw new Refused(commandStatus.ESME_RREPLACEFAIL, null, "a message that was accepted is not replaced");
    default:
      throw new Refused(commandStatus.ESME_RINVCMDID, null, "is not known here");
  }
}

const NOTHING = Buffer.alloc(0);
