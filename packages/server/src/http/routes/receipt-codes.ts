import type { FastifyInstance } from "fastify";
import { RECEIPT_CODES } from "../../message/receipt-codes.ts";
import { readQuery } from "../query.ts";

/** `GET /dr-responses`: the receipt codes, without a key. */
export function receiptCodeRoutes(app: FastifyInstance): void {
  const answer = RECEIPT_CODES.map(({ code, description }) => ({ code, description }));
  app.get("/dr-responses", (request) => {
    readQuery(request.query as Record<string, unknown>, {});
    return answer;
  });
}
