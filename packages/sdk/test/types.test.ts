import type * as sdk from "@messaging-plus/sdk";
import type { Static } from "typebox";
import { describe, expect, expectTypeOf, test } from "vitest";
import type * as change from "../../server/src/http/routes/account-schemas.ts";
import type { PutAccountWebhook } from "../../server/src/http/routes/account-webhooks.ts";
import type { PostSender } from "../../server/src/http/routes/sender-schemas.ts";
import type { PostReplay } from "../../server/src/http/routes/webhooks.ts";
import type { RichContent } from "../../server/src/http/send/rich-schema.ts";
import type * as send from "../../server/src/http/send/schemas.ts";
import type { WebhookKind, WebhookState } from "../../server/src/message/webhook.ts";
import type { EndpointEvent } from "../../server/src/notify/endpoint-events/events.ts";
import type * as answers from "../../server/src/reference/answers.ts";
import type * as operatorAnswers from "../../server/src/reference/operator-answers.ts";
import type { ProblemName } from "../../server/src/runtime/problems.ts";
import { PROBLEMS } from "../../server/src/runtime/problems.ts";

/**
 * The client's types are written by hand; here the compiler holds them to the schemas by which the server validates and
 * documents. (Nothing of it is left when it runs.)
 */
type Item<List extends { items: unknown[] }> = List["items"][number];

describe("what the client reads is what the server documents", () => {
  test("of messages", () => {
    expectTypeOf<sdk.AcceptedMessages>().toEqualTypeOf<Static<typeof answers.AcceptedMessages>>();
    expectTypeOf<sdk.BatchStatus>().toExtend<Static<typeof answers.BatchStatus>>();
    type Detail = NonNullable<Static<typeof answers.BatchStatus>["details"]>[number];
    expectTypeOf<sdk.MessageStatus>().toEqualTypeOf<Detail>();
    expectTypeOf<sdk.PendingBatch>().toEqualTypeOf<Static<typeof answers.PendingBatches>["batches"][number]>();
    expectTypeOf<sdk.ReceiptCode>().toEqualTypeOf<Static<typeof answers.Receipt>>();
    expectTypeOf<sdk.Identifier>().toEqualTypeOf<Static<typeof answers.Identifier>>();
  });

  test("of webhooks", () => {
    expectTypeOf<sdk.WebhookItem>().toEqualTypeOf<Item<Static<typeof answers.WebhookList>>>();
    expectTypeOf<sdk.WebhookDetails>().toEqualTypeOf<Static<typeof answers.WebhookDetails>>();
    expectTypeOf<sdk.WebhookKind>().toEqualTypeOf<WebhookKind>();
    expectTypeOf<sdk.WebhookState>().toEqualTypeOf<WebhookState>();
    expectTypeOf<sdk.Replayed>().toEqualTypeOf<Static<typeof answers.Replayed>>();
    type Inbound = Static<typeof answers.InboundMessage>;
    expectTypeOf<Omit<sdk.InboundMessage, "rcs">>().toEqualTypeOf<Omit<Inbound, "rcs">>();
    expectTypeOf<sdk.InboundMessage>().toExtend<Inbound>();
    expectTypeOf<sdk.EndpointEvent>().toExtend<EndpointEvent>();
    expectTypeOf<EndpointEvent>().toExtend<sdk.EndpointEvent>();
  });

  test("of accounts", () => {
    expectTypeOf<sdk.IdentifierAndKey>().toEqualTypeOf<Static<typeof answers.IdentifierAndKey>>();
    expectTypeOf<sdk.NewKey>().toEqualTypeOf<Static<typeof answers.NewKey>>();
    expectTypeOf<sdk.AccountList>().toEqualTypeOf<Static<typeof answers.Accounts>>();
    expectTypeOf<sdk.Account>().toEqualTypeOf<Static<typeof answers.Account>>();
    expectTypeOf<sdk.LedgerItem>().toEqualTypeOf<Item<Static<typeof answers.Ledger>>>();
    expectTypeOf<sdk.Key>().toEqualTypeOf<Item<Static<typeof answers.Keys>>>();
    expectTypeOf<sdk.Me>().toEqualTypeOf<Static<typeof answers.Me>>();
    expectTypeOf<sdk.AccountUrls>().toEqualTypeOf<Static<typeof answers.AccountWebhooks>>();
    expectTypeOf<sdk.NewSecret>().toEqualTypeOf<Static<typeof answers.NewSecret>>();
    expectTypeOf<sdk.Secret>().toEqualTypeOf<Item<Static<typeof answers.Secrets>>>();
    expectTypeOf<sdk.Sender>().toEqualTypeOf<Item<Static<typeof answers.Senders>>>();
    expectTypeOf<sdk.Erasure>().toEqualTypeOf<Static<typeof answers.Erasure>>();
  });

  test("of the operator", () => {
    expectTypeOf<sdk.Organization>().toEqualTypeOf<Item<Static<typeof answers.Organizations>>>();
    expectTypeOf<sdk.Carrier>().toEqualTypeOf<Item<Static<typeof operatorAnswers.Carriers>>>();
  });
});

/** As it goes over the wire: a Date is text there, and a field that is undefined is not. */
type Written<Value> = Value extends Date
  ? string
  : Value extends readonly (infer One)[]
    ? Written<One>[]
    : Value extends object
      ? { [Name in keyof Value]: Written<Exclude<Value[Name], undefined>> }
      : Value;

test("what the client writes is what the server takes", () => {
  expectTypeOf<Written<Omit<sdk.Message, "rcs">>>().toEqualTypeOf<Written<Omit<send.MessageBody, "rcs">>>();
  expectTypeOf<keyof sdk.MessageRequest>().toEqualTypeOf<keyof send.PostMessage>();
  expectTypeOf<Written<Omit<sdk.BatchRequest, "rcs">>>().toEqualTypeOf<Written<Omit<send.PostBatch, "rcs">>>();
  // The client's type also says which of its fields go together.
  expectTypeOf<Written<sdk.RichContent>>().toExtend<Written<Static<typeof RichContent>>>();
  expectTypeOf<Written<sdk.WebhookReplay>>().toEqualTypeOf<Written<Static<typeof PostReplay>>>();
  expectTypeOf<Written<sdk.AccountChange>>().toEqualTypeOf<Written<Omit<change.PatchAccount, "topup">>>();
  expectTypeOf<Written<sdk.AccountUrlsChange>>().toEqualTypeOf<Written<Static<typeof PutAccountWebhook>>>();
  expectTypeOf<Written<sdk.SenderRegistration>>().toEqualTypeOf<Written<PostSender>>();
  expectTypeOf<Written<sdk.NewNamedKey>>().toEqualTypeOf<Written<change.PostNamedKey>>();
  expectTypeOf<Written<sdk.NewOrganization>>().toEqualTypeOf<Written<change.PostOrganization>>();
  expectTypeOf<Written<sdk.OrganizationChange>>().toEqualTypeOf<Written<change.PatchOrganization>>();
});

test("the client knows every kind of problem", () => {
  expectTypeOf<sdk.ProblemName>().toEqualTypeOf<ProblemName>();
  expect(Object.keys(PROBLEMS).length).toBeGreaterThan(20);
});

test("what a webhook tells is narrowed by its kind, and an event by its type", () => {
  const said = (webhook: sdk.Webhook): string => {
    switch (webhook.kind) {
      case "receipt":
        return webhook.payload.receiptInfo.code;
      case "inbound":
        return webhook.payload.message;
      case "event":
        return webhook.payload.type === "webhook.exhausted" ? webhook.payload.data.webhook_ids.join() : "";
    }
  };
  expectTypeOf(said).returns.toEqualTypeOf<string>();
  // @ts-expect-error: a receipt is no inbound message
  expect((webhook: sdk.Webhook & { kind: "receipt" }) => webhook.payload.message).toBeTypeOf("function");
});
