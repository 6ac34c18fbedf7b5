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
  const [start, ...body] = command.split(" -d ");
  const shown = body.length === 0 ? "" : ` -d ${coloured(body.join(" -d "))}`;
  return block(caption, new Html(escaped(start!) + shown));
}

export function textBlock(caption: string, text: string): Html {
  return block(caption, new Html(escaped(text)));
}

function block(caption: string, code: Html): Html {
  return html`<figure><figcaption>${caption}<button type="button" class="copy" hidden>Copy</button></figcaption><pre tabindex="0"><code>${code}</code></pre></figure>`;
}
