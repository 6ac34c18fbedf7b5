import type { FastifyInstance } from "fastify";
import type { SmppCredentialFields } from "../../account/smpp-credentials.ts";
import { isUuid } from "../../message/id.ts";
import { isNetwork } from "../../network/networks.ts";
import { type FieldFault, Rejected } from "../../runtime/errors.ts";
import type { SmppCredentialRow } from "../../store/accounts/smpp-credentials.ts";
import type { Access } from "../access.ts";
import type { AppOptions } from "../context.ts";
import { NOT_A_CURSOR, OWN_PAGE_QUERY, PAGE_QUERY, queryFaults, readQuery } from "../query.ts";
import { wholeBody } from "../read-body.ts";
import { PostKey } from "./account-schemas.ts";
import { uuidOf } from "./organizations.ts";
import { PatchSmppCredential, PostSmppCredential } from "./smpp-schemas.ts";

/** A bind's begin and its id. */
const CURSOR = /^[0-9T:.Z-]{24} \d+\.\d+$/;

type One = { Params: { uuid: string; credential: string } };
type OfAccount = { Params: { uuid: string } };

/** `/account/{uuid}/smpp`: the credentials with which an account's software binds; `/smpp`: its binds now. */
export function smppRoutes(
  app: FastifyInstance,
  { config, smppCredentials, binds }: AppOptions,
  { organization: onRequest, organizationOrOperator }: Access,
): void {
  const { unknownFields } = config.server;
  const postBody = wholeBody<PostSmppCredential>(PostSmppCredential, unknownFields, { rules: allowed, fields: "none" });
  const patchBody = wholeBody<PatchSmppCredential>(PatchSmppCredential, unknownFields, {
    rules: allowed,
    fields: "some",
  });
  const passwordBody = wholeBody<PostKey>(PostKey, unknownFields, { fields: "none" });
  const noQuery = (request: { query: unknown }) => readQuery(request.query as Record<string, unknown>, {});

  app.get("/smpp", async (request) => {
    const caller = await organizationOrOperator(request);
    const { limit = 100, after } = readQuery(request.query as Record<string, unknown>, OWN_PAGE_QUERY);
    if (after !== undefined && !CURSOR.test(after)) {
      throw queryFaults(NOT_A_CURSOR);
    }
    const seen = (await binds())
      .filter(({ organizationId }) => caller === "operator" || organizationId === caller.organizationId)
      .map((bind) => ({ bind, cursor: `${bind.since} ${bind.id}` }))
      .filter(({ cursor }) => after === undefined || cursor > after)
      .sort((left, right) => (left.cursor < right.cursor ? -1 : 1));
    const page = seen.slice(0, limit);
    const items = page.map(({ bind: { id: _, organizationId, organization_uuid, ...bind } }) => ({
      ...bind,
      ...(caller === "operator" ? { organization_uuid } : {}),
    }));
    return { items, next: seen.length > limit ? (page.at(-1)?.cursor ?? null) : null };
  });

  app.post<OfAccount>("/account/:uuid/smpp", { onRequest }, async (request) => {
    noQuery(request);
    const fields = fieldsOf(postBody(request));
    const made = await smppCredentials.create(request, uuidOf(request.params), fields);
    return { identifier: made.identifier, system_id: made.systemId, password: made.password };
  });

  app.get<OfAccount>("/account/:uuid/smpp", { onRequest }, async (request) => {
    const { limit = 100, after } = readQuery(request.query as Record<string, unknown>, PAGE_QUERY);
    const all = await smppCredentials.list(request.organizationId, uuidOf(request.params));
    const left = all.filter(({ identifier }) => after === undefined || identifier < after);
    const items = left.slice(0, limit).map(shown);
    return { items, next: left.length > limit ? (items.at(-1)?.identifier ?? null) : null };
  });

  app.patch<One>("/account/:uuid/smpp/:credential", { onRequest }, async (request) => {
    noQuery(request);
    const fields = fieldsOf(patchBody(request));
    const { params } = request;
    await smppCredentials.change(request, uuidOf(params), credentialOf(params), fields);
    return {};
  });

  app.post<One>("/account/:uuid/smpp/:credential/password", { onRequest }, async (request) => {
    noQuery(request);
    const { graceSeconds = 0 } = passwordBody(request);
    const { params } = request;
    const credential = credentialOf(params);
    return {
      password: await smppCredentials.rotatePassword(request, uuidOf(params), credential, graceSeconds),
    };
  });

  app.delete<One>("/account/:uuid/smpp/:credential", { onRequest }, async (request) => {
    noQuery(request);
    const { params } = request;
    const identifier = credentialOf(params);
    await smppCredentials.remove(request, uuidOf(params), identifier);
    return { identifier };
  });
}

function credentialOf({ credential }: { credential: string }): string {
  if (!isUuid(credential)) throw new Rejected("not-found", "The account has no such credential.");
  return credential.toLowerCase();
}

function allowed({ allow }: PatchSmppCredential): FieldFault[] {
  // The schema reports anything but a list of texts; the rule runs beside it.
  const networks: unknown[] = Array.isArray(allow) ? allow : [];
  return networks.flatMap((network, index) =>
    typeof network !== "string" || isNetwork(network)
      ? []
      : [{ path: `allow[${index}]`, message: "is neither an address nor a network" }],
  );
}

function fieldsOf({ system_id, ...fields }: PatchSmppCredential): SmppCredentialFields {
  return { ...fields, ...(system_id === undefined ? {} : { systemId: system_id }) };
}

function shown({ createdAt, systemId, ...credential }: SmppCredentialRow) {
  return { ...credential, system_id: systemId, created_at: createdAt.toISOString() };
}
