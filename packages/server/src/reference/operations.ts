import type { Operation } from "./operation.ts";
import { accountWebhooks } from "./operations/account-webhooks.ts";
import { accounts } from "./operations/accounts.ts";
import { audit } from "./operations/audit.ts";
import { delivery } from "./operations/delivery.ts";
import { erasure } from "./operations/erasure.ts";
import { keys } from "./operations/keys.ts";
import { messageLog } from "./operations/message-log.ts";
import { messages } from "./operations/messages.ts";
import { operator } from "./operations/operator.ts";
import { optOuts } from "./operations/opt-outs.ts";
import { running } from "./operations/running.ts";
import { senders } from "./operations/senders.ts";
import { smpp } from "./operations/smpp.ts";
import { statistics } from "./operations/statistics.ts";
import { webhookLog } from "./operations/webhooks.ts";

/** Every operation of the API, in the reference's order. */
export const OPERATIONS: readonly Operation[] = [
  ...messages,
  ...messageLog,
  ...delivery,
  ...webhookLog,
  ...statistics,
  ...accounts,
  ...accountWebhooks,
  ...senders,
  ...erasure,
  ...optOuts,
  ...keys,
  ...audit,
  ...smpp,
  ...operator,
  ...running,
];
