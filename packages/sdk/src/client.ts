import { AccountWebhooks } from "./account-webhooks.ts";
import { Accounts } from "./accounts.ts";
import { Api, type MessagingPlusOptions } from "./api.ts";
import { Audit } from "./audit.ts";
import { Batches } from "./batches.ts";
import { Endpoints } from "./endpoints.ts";
import { Handsets } from "./handsets.ts";
import { Inbound } from "./inbound.ts";
import { Keys } from "./keys.ts";
import { Messages } from "./messages.ts";
import { Operator } from "./operator.ts";
import { OptOuts } from "./opt-outs.ts";
import { Senders } from "./senders.ts";
import { Server } from "./server.ts";
import { Smpp } from "./smpp.ts";
import { Stats } from "./stats.ts";
import { WebhookLog } from "./webhook-log.ts";

/** A client of one server with one key. The key's owner decides which groups it opens. */
export class MessagingPlus {
  readonly messages: Messages;
  readonly batches: Batches;
  readonly webhooks: WebhookLog;
  readonly endpoints: Endpoints;
  readonly stats: Stats;
  readonly inbound: Inbound;
  readonly accounts: Accounts;
  readonly accountWebhooks: AccountWebhooks;
  readonly senders: Senders;
  readonly handsets: Handsets;
  readonly optOuts: OptOuts;
  readonly keys: Keys;
  readonly audit: Audit;
  readonly smpp: Smpp;
  readonly operator: Operator;
  readonly server: Server;

  constructor(options: MessagingPlusOptions) {
    const api = new Api(options);
    this.messages = new Messages(api);
    this.batches = new Batches(api);
    this.webhooks = new WebhookLog(api);
    this.endpoints = new Endpoints(api);
    this.stats = new Stats(api);
    this.inbound = new Inbound(api);
    this.accounts = new Accounts(api);
    this.accountWebhooks = new AccountWebhooks(api);
    this.senders = new Senders(api);
    this.handsets = new Handsets(api);
    this.optOuts = new OptOuts(api);
    this.keys = new Keys(api);
    this.audit = new Audit(api);
    this.smpp = new Smpp(api);
    this.operator = new Operator(api);
    this.server = new Server(api);
  }
}
