import { PROBLEMS } from "../../runtime/problems.ts";
import { problemsOf } from "../answered-problems.ts";
import type { Operation, ParameterWords } from "../operation.ts";
import { sample } from "../samples.ts";
import { KINDS, UUID } from "../schema.ts";
import { jsonBlock, requestBlock, shellBlock, textBlock } from "./code.ts";
import { answeredFields, askedFields, field } from "./fields.ts";
import { type Html, html } from "./html.ts";
import { inline, markdown } from "./markdown.ts";
import { tryIt } from "./try-it.ts";

const OPENS: Record<Exclude<Operation["key"], null>, string> = {
  any: "any key",
  manager: "organization or operator key",
  account: "account key",
  organization: "organization key",
  operator: "operator key",
};

/** A part of the page with its anchor: words on one side, what goes over the wire on the other. */
export function section(id: string, title: Html, { head, samples, rest }: Entry): Html {
  return html`<section id="${id}" class="entry">
<div class="head"><h3>${title}<a class="anchor" href="#${id}" aria-label="Link to this">#</a></h3>${head}</div>
<div class="samples">${samples}</div>
<div class="rest">${rest}</div>
</section>`;
}

/** What it is, what goes over the wire, and what each field means. */
interface Entry {
  head: Html;
  samples: readonly Html[];
  rest: Html;
}

export function method(name: string): Html {
  return html`<span class="method ${name.toLowerCase()}">${name}</span>`;
}

/** An operation: what it does, what it takes, what it answers. */
export function operationSection(operation: Operation): Html {
  const { id, method: verb, path, summary, description, key, query, body, answer } = operation;
  const { pathParameters, words, headers } = operation;
  const head = html`<p class="request">${method(verb)} <code>${path}</code> <span class="key">${
    key === null ? "no key" : OPENS[key]
  }</span></p>
${markdown(description)}`;
  const rest = html`${parameters("Path", pathParameters, () => UUID)}
${parameters("Query", words, (name) => KINDS[query?.[name] ?? "text"])}
${parameters("Header", headers, () => KINDS.text)}
${body === undefined ? null : html`<h4>Body${body.required === false ? ", if any" : null}</h4>${askedFields(body.schema)}`}
<h4>Answer</h4>
<p>${inline(answer.description)}</p>
${answeredFields(answer.schema)}
<h4>Refusals</h4>
${problemLinks(operation)}`;
  const [first, ...further] = body?.examples ?? [{ summary: "Request", value: undefined }];
  const others = further.map(({ summary: title, value }) =>
    folded(title, shellBlock(title, sample("curl", operation, value))),
  );
  const answered =
    typeof answer.example === "string" ? textBlock("200", answer.example) : jsonBlock("200", answer.example);
  const samples = [requestBlock(first!.summary, operation, first!.value), ...others, tryIt(operation), answered];
  return section(id, html`${summary}`, { head, samples, rest });
}

/** A further example, to be opened. */
function folded(title: string, block: Html): Html {
  return html`<details><summary>${title}</summary>${block}</details>`;
}

/** Parameters in a list; those without a schema of their own have that of their place. */
export function parameters(
  title: string,
  words: Record<string, ParameterWords> | undefined,
  schemaOf: (name: string) => object,
): Html | null {
  if (words === undefined) return null;
  const rows = Object.entries(words).map(([name, { description, schema }]) => {
    return field(name, schema ?? schemaOf(name), description);
  });
  return html`<h4>${title}</h4><ul class="fields">${rows}</ul>`;
}

function problemLinks(operation: Operation): Html {
  const names = problemsOf(operation).sort((a, b) => PROBLEMS[a].status - PROBLEMS[b].status);
  const links = names.map(
    (name) => html`<li><a href="#problem-${name}"><b>${PROBLEMS[name].status}</b> ${name}</a></li>`,
  );
  return html`<ul class="refusals">${links}<li><a href="#problems">and those of any request</a></li></ul>`;
}
