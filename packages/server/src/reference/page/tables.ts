import { RECEIPT_CODES } from "../../message/receipt-codes.ts";
import { numberOfCode, SIMULATOR_NUMBERS } from "../simulator-numbers.ts";
import { type Html, html } from "./html.ts";
import { inline } from "./markdown.ts";

/** Every receipt code, with the number of the simulator that ends with it. */
export function receiptCodeTable(): Html {
  const rows = RECEIPT_CODES.map(
    ({ code, description, delivered }) =>
      html`<tr id="code-${code}"><td><code>${code}</code></td><td>${description}</td><td class="${
        delivered ? "good" : "bad"
      }">${delivered ? "delivered" : "failed"}</td><td class="number"><code>${numberOfCode(code)}</code></td></tr>`,
  );
  return html`<div class="scroll"><table><thead><tr><th>code</th><th>description</th><th>the message is</th><th>number to try it with</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

/** The simulator's numbers that do more than end with a code. */
export function simulatorTable(): Html {
  const rows = SIMULATOR_NUMBERS.map(
    ({ number, does, ends }) =>
      html`<tr><td class="number"><code>${number}</code></td><td>${does}</td><td>${inline(ends)}</td></tr>`,
  );
  return html`<div class="scroll"><table><thead><tr><th>number</th><th>what the simulator does</th><th>how the message ends</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}
