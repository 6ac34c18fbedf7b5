import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { PROBLEM_MEDIA_TYPE, PROBLEMS, type ProblemName, problem } from "./problems.ts";

/** The response that is being written to a connection, or waited for: Node's own handler of client errors looks there. */
interface HttpSocket extends Socket {
  _httpMessage?: (ServerResponse & { req: IncomingMessage }) | null;
}

/**
 * Answers what could not be read as HTTP, and closes its connection. What came whole before it on the same connection has
 * its answer first: the refusal would be taken for the answer to a request that may have been done.
 */
export function answerClientError(error: Error, socket: HttpSocket): void {
  const { code } = error as NodeJS.ErrnoException;
  const current = socket._httpMessage;
  if (!socket.writable || code === "ECONNRESET") socket.destroy();
  else if (current?.req.complete) current.once("close", () => answerClientError(error, socket));
  // It was answered before all of it had come.
  else if (current?.headersSent) socket.destroy();
  else socket.end(rawProblem(nameOf(code)));
}

/** Answers an `Expect` that is not `100-continue` (RFC 9110 §10.1.1). */
export function answerExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const { status, title } = PROBLEMS["expectation-failed"];
  const body = JSON.stringify(problem("expectation-failed", `${title}.`));
  const length = Buffer.byteLength(body);
  response.writeHead(status, { "content-type": PROBLEM_MEDIA_TYPE, "content-length": length, connection: "close" });
  response.end(body);
}

function nameOf(code: string | undefined): ProblemName {
  if (code === "HPE_HEADER_OVERFLOW") return "headers-too-large";
  return code === "ERR_HTTP_REQUEST_TIMEOUT" ? "request-timeout" : "malformed-request";
}

function rawProblem(name: ProblemName): string {
  const { status, title } = PROBLEMS[name];
  const body = JSON.stringify(problem(name, `${title}.`));
  return `HTTP/1.1 ${status} Error\r\ncontent-type: ${PROBLEM_MEDIA_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`;
}
