import { problemType } from "../../http/problems.ts";
import type { ProblemName } from "../../runtime/problems.ts";
import { PROBLEMS } from "../../runtime/problems.ts";
import { ANYWHERE, problemsOf } from "../answered-problems.ts";
import { OPERATIONS } from "../operations.ts";
import { PROBLEM_WORDS } from "../problems.ts";
import { jsonBlock } from "./code.ts";
import { type Html, html } from "./html.ts";
import { inline, markdown } from "./markdown.ts";
import { section } from "./operation-section.ts";

/** A kind of problem, where its `type` leads. */
export function problemSection(name: ProblemName): Html {
  const { status, title } = PROBLEMS[name];
  const { words, example, headers = {} } = PROBLEM_WORDS[name];
  const fields = Object.entries(headers).map(
    ([field, meaning]) =>
      html`<li><div class="name"><code>${field}</code></div><div class="about">${inline(meaning)}</div></li>`,
  );
  const head = html`<p class="request"><span class="status">${status}</span> <code>${problemType(name)}</code></p>
<p class="title">${title}.</p>
${markdown(words)}`;
  const rest = html`${fields.length === 0 ? null : html`<h4>Header of the answer</h4><ul class="fields">${fields}</ul>`}
${answeredBy(name)}`;
  return section(`problem-${name}`, html`${name}`, { head, samples: [jsonBlock(String(status), example)], rest });
}

function answeredBy(name: ProblemName): Html {
  if (ANYWHERE.some((any) => any === name)) return html`<p class="by">Any request may be answered with it.</p>`;
  const by = OPERATIONS.filter((operation) => problemsOf(operation).includes(name));
  // Most operations answer with what the key or the body is about: then the list tells nothing.
  if (by.length > 6) return html`<p class="by">Answered by ${by.length} operations.</p>`;
  const links = by.map(
    ({ id, method, path }, index) => html`${index === 0 ? "" : ", "}<a href="#${id}">${method} ${path}</a>`,
  );
  return html`<p class="by">Answered by ${links}.</p>`;
}
