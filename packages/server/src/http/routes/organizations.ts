import type { FastifyInstance } from "fastify";
import { isUuid } from "../../message/id.ts";
import { Rejected } from "../../runtime/errors.ts";
import type { Access } from "../access.ts";
import type { AppOptions } from "../context.ts";
import { PAGE_QUERY, readQuery } from "../query.ts";
import { wholeBody } from "../read-body.ts";
import { PatchOrganization, PostKey, PostOrganization } from "./account-schemas.ts";

type Uuid = { Params: { uuid: string } };

/** `/organization`: the operator's customers. */
export function organizationRoutes(
  app: FastifyInstance,
  { config, organizations }: AppOptions,
  { operator }: Access,
): void {
  const { unknownFields } = config.server;
  const postBody = wholeBody<PostOrganization>(PostOrganization, unknownFields);
  const patchBody = wholeBody<PatchOrganization>(PatchOrganization, unknownFields, { fields: "some" });
  const keyBody = wholeBody<PostKey>(PostKey, unknownFields, { fields: "none" });

  app.post("/organization", { onRequest: operator }, (request) => {
    readQuery(request.query as Record<string, unknown>, {});
    const { name, credits = false, balance = 0 } = postBody(request);
    return organizations.create(request, { name, credits, balance });
  });

  app.get("/organization", { onRequest: operator }, (request) => {
    const { limit = 100, after } = readQuery(request.query as Record<string, unknown>, PAGE_QUERY);
    return organizations.list(after ?? null, limit);
  });

  app.patch<Uuid>("/organization/:uuid", { onRequest: operator }, async (request) => {
    readQuery(request.query as Record<string, unknown>, {});
    const { balance, ...change } = patchBody(request);
    await organizations.change(request, uuidOf(request.params), { ...change, ...balance });
    return {};
  });

  app.post<Uuid>("/organization/:uuid/key", { onRequest: operator }, async (request) => {
    readQuery(request.query as Record<string, unknown>, {});
    const { graceSeconds = 0 } = keyBody(request);
    return { apiKey: await organizations.rotateKey(request, uuidOf(request.params), graceSeconds) };
  });
}

/** @throws Rejected `not-found` if the text is no UUID */
export function uuidOf({ uuid }: { uuid: string }): string {
  if (!isUuid(uuid)) throw new Rejected("not-found", "Nothing is found here.");
  return uuid.toLowerCase();
}
