import { posix } from "node:path";
import { Marked, Renderer, type Tokens } from "marked";
import { version } from "../runtime/package.ts";
import { type Html, html, Html as Markup } from "./page/html.ts";
import { ICON, STYLE } from "./page/style.ts";

/** A page of the documentation as the server has it: made of Markdown when the program is built. */
export interface GuidePage {
  /** Below `/docs/`, without an ending: `guides/send`. */
  path: string;
  title: string;
  html: string;
  /** Its parts, for the search of the reference. */
  parts: { id: string; title: string; text: string }[];
}

/** A part of the documentation, as the reference searches it. */
export interface SearchEntry {
  href: string;
  page: string;
  title: string;
  text: string;
}

/** The path below `/docs/` of a file of the repository; null for what the server has no page of. */
export function pathOf(file: string): string | null {
  if (file === "packages/sdk/README.md") return "guides/javascript";
  if (file === "packages/python/README.md") return "guides/python";
  // Decisions are for those who change the program.
  const [, name] = /^docs\/(?!decisions\/)(.+)\.md$/.exec(file) ?? [];
  return name?.replace(/(?<=^|\/)README$/, "index") ?? null;
}

/** The anchor of a heading, as the links of the pages have it. */
function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}

/**
 * Pages of Markdown. A link to a page leads to the server's, one to a picture to `/docs/images`, and what the server has no page of
 * is no link.
 * @param files the texts by their paths in the repository
 */
export function guidePages(files: ReadonlyMap<string, string>): GuidePage[] {
  const guides = linksOf(files.get("docs/guides/README.md") ?? "");
  return [...files].flatMap(([file, text]) => {
    const path = pathOf(file);
    return path === null ? [] : [pageOf(file, path, text, files, guides)];
  });
}

/** The contents beside every page: what the list of guides has. */
function linksOf(list: string): { file: string; title: string }[] {
  const links = [...list.matchAll(/\[([^\]]+)\]\(([\w./-]+\.md)\)/g)];
  return links.map(([, title, link]) => ({
    file: posix.join("docs/guides", link as string),
    title: (title as string).replace(/\s+/g, " ").replace(/^./, (letter) => letter.toUpperCase()),
  }));
}

function pageOf(
  file: string,
  path: string,
  text: string,
  files: ReadonlyMap<string, string>,
  guides: readonly { file: string; title: string }[],
): GuidePage {
  const up = "../".repeat(path.split("/").length);
  const hrefOf = (target: string): string | null => {
    const other = pathOf(target);
    return other === null || !files.has(target) ? null : posix.join(up, "docs", other);
  };
  const parts: GuidePage["parts"] = [];
  const body = rendered(file, text, hrefOf, posix.join(up, "docs"), parts);
  const title = parts[0]?.title ?? path;
  const contents = guides.flatMap(({ file: other, title: words }) => {
    const href = hrefOf(other);
    const current = other === file ? html` aria-current="page"` : null;
    return href === null ? [] : [html`<li><a href="${href}"${current}>${words}</a></li>`];
  });
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Messaging Plus</title>
<link rel="icon" href="${ICON}">
<style>${new Markup(STYLE)}</style>
</head>
<body class="guide">
<a class="skip" href="#main">Skip to the text</a>
<header><b>Messaging Plus</b><span>${version}</span><span class="links"><a href="${posix.join(up, "docs")}">API reference</a> <a href="${posix.join(up, "docs/guides/index")}">Guides</a> <a href="${posix.join(up, "dashboard")}">Dashboard</a></span></header>
<main id="main">${body}</main>
<nav aria-label="Guides"><p>Guides</p><ul>${contents}</ul></nav>
</body>
</html>
`.text;
  return { path, title, html: page, parts };
}

function rendered(
  file: string,
  text: string,
  hrefOf: (target: string) => string | null,
  docs: string,
  parts: GuidePage["parts"],
): Html {
  const folder = posix.dirname(file);
  const renderer = new Renderer();
  renderer.heading = function ({ tokens, depth, text: heading }: Tokens.Heading) {
    const title = heading.replace(/[`*]|\[([^\]]*)\]\([^)]*\)/g, "$1");
    const id = slug(title);
    if (depth <= 2) parts.push({ id: depth === 1 ? "" : id, title, text: "" });
    return `<h${depth} id="${id}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
  };
  renderer.link = function ({ href, tokens }: Tokens.Link) {
    const words = this.parser.parseInline(tokens);
    if (/^(?:https?:|#)/.test(href)) return html`<a href="${href}">${new Markup(words)}</a>`.text;
    const [target = "", anchor] = href.split("#");
    const page = hrefOf(posix.join(folder, target));
    if (page === null) return words;
    return html`<a href="${anchor === undefined ? page : `${page}#${anchor}`}">${new Markup(words)}</a>`.text;
  };
  renderer.image = ({ href, text: alt }: Tokens.Image) =>
    html`<img src="${posix.join(docs, "images", posix.basename(href))}" alt="${alt}">`.text;
  renderer.code = ({ text: code }: Tokens.Code) =>
    html`<figure><pre tabindex="0"><code>${code}</code></pre></figure>`.text;
  // The corner of a table, which heads nothing, is no heading.
  const cell = renderer.tablecell;
  renderer.tablecell = function (token: Tokens.TableCell) {
    return token.header && token.text === "" ? "<td></td>\n" : cell.call(this, token);
  };
  const marked = new Marked({ renderer });
  const tokens = marked.lexer(text);
  const body = marked.parser(tokens);
  let at = -1;
  for (const token of tokens) {
    if (token.type === "heading" && (token as Tokens.Heading).depth <= 2) at++;
    else if (parts[at] !== undefined) parts[at]!.text += ` ${plain(token.raw)}`;
  }
  return new Markup(
    body
      .replaceAll("<table>", '<div class="scroll" tabindex="0" role="group" aria-label="Table"><table>')
      .replaceAll("</table>", "</table></div>"),
  );
}

/** Markdown without its marks. */
function plain(text: string): string {
  return text
    .replace(/\]\([^)]*\)/g, " ")
    .replace(/[`*|[\]]|^[-#]+|-{3,}/gm, " ")
    .replace(/\s+/g, " ")
    .trim();
}

/** Every part of every page, for the search of the reference. */
export function searchEntries(pages: readonly GuidePage[]): SearchEntry[] {
  return pages.flatMap(({ path, title, parts }) =>
    parts.map((part) => ({
      href: part.id === "" ? path : `${path}#${part.id}`,
      page: title,
      title: part.title,
      text: part.text,
    })),
  );
}
