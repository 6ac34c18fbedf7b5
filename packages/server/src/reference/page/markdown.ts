import { marked } from "marked";
import { Html } from "./html.ts";

/** Markdown of our own as HTML. A wide table scrolls by itself on a narrow screen. */
export function markdown(text: string): Html {
  const parsed = marked.parse(text, { async: false });
  return new Html(parsed.replaceAll("<table>", '<div class="scroll"><table>').replaceAll("</table>", "</table></div>"));
}

/** The same within a line. */
export function inline(text: string): Html {
  return new Html(marked.parseInline(text, { async: false }));
}
