import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { ProblemName } from "../runtime/problems.ts";
import { PROBLEMS } from "../runtime/problems.ts";
import { problemAnswer } from "./problem-answer.ts";
import { CLOSED, rawAnswer, rawHead } from "./raw-answer.ts";
import type { Requests } from "./requests.ts";

/** The response that a connection is writing or waiting for: Node's own handler of client errors looks there. */
interface HttpSocket extends Socket {
  _httpMessage?: (ServerResponse & { req: IncomingMessage }) | null;
}

/** An error of Node's parser. */
interface ParserError extends NodeJS.ErrnoException {
  reason?: string;
}

/**
 * Answers input that is no HTTP, and closes its connection. Requests that came whole before it on the same connection are
 * answered first: the refusal would be taken for the answer to a request that may have been done.
 */
export function answerClientError(requests: Requests, error: ParserError, socket: HttpSocket): void {
  const { code } = error;
  const current = socket._httpMessage;
  const ofRequest = code?.startsWith("HPE_") || code === "ERR_HTTP_REQUEST_TIMEOUT";
  // An error before any request, for one a failed TLS handshake, has no answer that its client could read.
  if (!socket.writable || !ofRequest) socket.destroy();
  else if (current?.req.complete) current.once("close", () => answerClientError(requests, error, socket));
  // The request was answered before all of it had come.
  else if (current?.headersSent) socket.destroy();
  else {
    const name = nameOf(error);
    const id = requests.idOf(undefined);
    const { status, headers, body } = problemAnswer(name, `${PROBLEMS[name].title}.`);
    socket.end(rawAnswer(rawHead(status, headers), id, body, CLOSED));
    requests.answered({ ...UNREAD, id, status });
  }
}

const UNREAD = { method: null, route: null, path: null, ms: 0, account: undefined };

function nameOf({ code, reason }: ParserError): ProblemName {
  if (code === "HPE_HEADER_OVERFLOW") return "headers-too-large";
  // Beside a length it is not an unknown coding, but an attempt to hide where the request ends (RFC 9112 §6.3).
  const isCoding = code === "HPE_INVALID_TRANSFER_ENCODING" && reason?.includes("Content-Length") !== true;
  if (isCoding) return "unsupported-transfer-coding";
  return code === "ERR_HTTP_REQUEST_TIMEOUT" ? "request-timeout" : "malformed-request";
}
