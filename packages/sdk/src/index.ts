export type {
  AccountUrls,
  AccountUrlsChange,
  NewSecret,
  Secret,
} from "./account-webhooks.ts";
export type {
  Account,
  AccountChange,
  AccountList,
  IdentifierAndKey,
  LedgerItem,
  LedgerKind,
  ListedAccount,
  NewKey,
} from "./accounts.ts";
export type { CallOptions, ListOptions, MessagingPlusOptions, Time } from "./api.ts";
export type { AuditItem } from "./audit.ts";
export type {
  BatchChunk,
  BatchContent,
  BatchRequest,
  BatchSendOptions,
  BatchStatus,
  BatchWithContent,
  Counts,
  DetailedBatchStatus,
  Identifier,
  LargeBatchOptions,
  LargeBatchRequest,
  MessageStatus,
  PendingBatch,
  ReceiptCode,
} from "./batches.ts";
export { MessagingPlus } from "./client.ts";
export type { Endpoint } from "./endpoints.ts";
export {
  type FieldFault,
  NoAnswerError,
  type ProblemDetails,
  ProblemError,
  type ProblemName,
  RequestError,
} from "./errors.ts";
export type { Erasure } from "./handsets.ts";
export type { InboundFilter } from "./inbound.ts";
export type { Key, KeyScope, Me, NewNamedKey } from "./keys.ts";
export type {
  BatchFilter,
  BatchItem,
  FinalOptions,
  MessageEvent,
  MessageFilter,
  MessageItem,
  MessageState,
  MessageStory,
  MessageWaiting,
} from "./message-log.ts";
export type {
  AcceptedMessage,
  AcceptedMessages,
  Channel,
  From,
  Message,
  MessageRequest,
  NationalLanguage,
  NationalLanguages,
  SendOptions,
} from "./messages.ts";
export type {
  Carrier,
  NewOrganization,
  Organization,
  OrganizationChange,
  OtherReload,
  Reload,
  RouteQuestion,
  RouteTaken,
} from "./operator.ts";
export type { OptOut } from "./opt-outs.ts";
export type { Page, Paged } from "./paged.ts";
export type { RichCard, RichContent, RichFile, Suggestion } from "./rich-content.ts";
export type { Sender, SenderRegistration } from "./senders.ts";
export type { OpenApiDocument } from "./server.ts";
export type { NewSmppCredential, SmppBind, SmppCredential, SmppCredentialFields } from "./smpp.ts";
export type { Percentiles, Stat, StatGroup, StatsFilter } from "./stats.ts";
export type { WebhookHeaders } from "./webhook/headers.ts";
export { parseWebhook, type Webhook, type WebhookRequest } from "./webhook/parse.ts";
export type {
  EndpointEvent,
  EndpointFailing,
  EndpointRecovered,
  InboundMessage,
  RcsAnswer,
  RcsFile,
  Receipt,
  WebhookExhausted,
} from "./webhook/payloads.ts";
export {
  type VerifyOptions,
  verifyInboundSignature,
  verifyWebhook,
  WebhookError,
  type WebhookFault,
} from "./webhook/verify.ts";
export type {
  Attempt,
  AttemptFault,
  Held,
  LastAttempt,
  Replayed,
  WebhookDetails,
  WebhookFilter,
  WebhookItem,
  WebhookKind,
  WebhookReplay,
  WebhookState,
} from "./webhook-log.ts";
