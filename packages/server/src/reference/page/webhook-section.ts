import { KINDS } from "../schema.ts";
import { type DocumentedWebhook, HOSTED_HEADERS, WEBHOOK_HEADERS } from "../webhooks.ts";
import { jsonBlock } from "./code.ts";
import { answeredFields } from "./fields.ts";
import { type Html, html } from "./html.ts";
import { markdown } from "./markdown.ts";
import { method, parameters, section } from "./operation-section.ts";

/** A webhook: what the customer's URL is told. */
export function webhookSection({
  id,
  summary,
  description,
  schema,
  example,
  hostedSignature,
}: DocumentedWebhook): Html {
  const headers = hostedSignature === undefined ? WEBHOOK_HEADERS : { ...WEBHOOK_HEADERS, ...HOSTED_HEADERS };
  const head = html`<p class="request">${method("POST")} <code>your URL</code></p>
${markdown(description)}`;
  const rest = html`${parameters("Header", headers, () => KINDS.text)}
<h4>Body</h4>
${answeredFields(schema)}`;
  return section(`webhook-${id}`, html`${summary}`, { head, samples: [jsonBlock("Body", example)], rest });
}
