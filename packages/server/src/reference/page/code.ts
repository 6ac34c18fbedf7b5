import type { Operation } from "../operation.ts";
import { LANGUAGES, type Language, sample } from "../samples.ts";
import { escaped, Html, html } from "./html.ts";

/** JSON's tokens that are shown in colour: names, texts, and all other values. */
const JSON_TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null|-?\d+(?:\.\d+)?)\b/g;

function coloured(json: string): string {
  return json.replace(JSON_TOKENS, (token, text?: string, colon?: string) => {
    const kind = text === undefined ? "v" : colon === undefined ? "s" : "n";
    return `<i class="${kind}">${escaped(text ?? token)}</i>${colon ?? ""}`;
  });
}

/** A block of JSON, with what it is. */
export function jsonBlock(caption: string, value: unknown): Html {
  return block(caption, new Html(coloured(JSON.stringify(value, null, 2))));
}

/** A command for the shell; its body is JSON. */
export function shellBlock(caption: string, command: string): Html {
  return block(caption, shell(command));
}

function shell(command: string): Html {
  const [start, ...body] = command.split(" -d ");
  const shown = body.length === 0 ? "" : ` -d ${coloured(body.join(" -d "))}`;
  return new Html(escaped(start!) + shown);
}

/** A request in every language, of which one is shown: the reader's, or curl. */
export function requestBlock(caption: string, operation: Operation, body: unknown): Html {
  const languages = Object.keys(LANGUAGES) as Language[];
  const samples = languages.map((language) => {
    const text = sample(language, operation, body);
    const code = language === "curl" ? shell(text) : new Html(escaped(text));
    return html`<pre tabindex="0" data-language="${language}"><code>${code}</code></pre>`;
  });
  const options = languages.map((language) => html`<option>${language}</option>`);
  const choice = html`<select class="language" aria-label="Language of the examples" hidden>${options}</select>`;
  return figure(caption, choice, html`${samples}`);
}

export function textBlock(caption: string, text: string): Html {
  return block(caption, new Html(escaped(text)));
}

function block(caption: string, code: Html): Html {
  return figure(caption, null, html`<pre tabindex="0"><code>${code}</code></pre>`);
}

function figure(caption: string, choice: Html | null, content: Html): Html {
  return html`<figure><figcaption><span>${caption}</span>${choice}<button type="button" class="copy" hidden>Copy</button></figcaption>${content}</figure>`;
}
