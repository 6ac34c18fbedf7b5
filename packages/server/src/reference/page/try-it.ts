import type { Operation } from "../operation.ts";
import { type Html, html } from "./html.ts";

/** The requests that send messages. */
const SENDING = ["/message", "/batch"];

/** The data of which the page's script makes a form that sends the request; none for pages, and for requests that are not for callers. */
export function tryIt({ method, path, key, pathParameters = {}, words = {}, body, answer }: Operation): Html {
  if (answer.type === "text/html" || (path.startsWith("/carriers/{id}/") && key === null) || path.startsWith("/rcs/"))
    return html``;
  const request = {
    method,
    path,
    key: key !== null,
    names: Object.entries(pathParameters).map(([name, { example = "" }]) => ({ name, example })),
    query: Object.entries(words).map(([name, { example = "" }]) => ({
      name,
      example: method === "GET" ? example : "",
    })),
    body: body === undefined ? null : JSON.stringify(body.examples[0]!.value, null, 2),
    sends: method === "POST" && SENDING.includes(path),
  };
  return html`<div class="try" data-request="${JSON.stringify(request)}"><button type="button" hidden>Try it</button></div>`;
}
