import { version } from "../runtime/package.ts";
import type { ProblemName } from "../runtime/problems.ts";
import { PROBLEMS } from "../runtime/problems.ts";
import { INTRODUCTION, ON_RECEIPT_CODES, ON_SIMULATOR, ON_WEBHOOKS } from "./introduction.ts";
import { GROUPS, type Group } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";
import { jsonBlock, requestBlock } from "./page/code.ts";
import { Html, html } from "./page/html.ts";
import { markdown } from "./page/markdown.ts";
import { method, operationSection } from "./page/operation-section.ts";
import { problemSection } from "./page/problem-section.ts";
import { SCRIPT } from "./page/script.ts";
import { ICON, STYLE } from "./page/style.ts";
import { receiptCodeTable, simulatorTable } from "./page/tables.ts";
import { webhookSection } from "./page/webhook-section.ts";
import { WEBHOOKS } from "./webhooks.ts";

interface Entry {
  id: string;
  label: Html;
  /** What it is, where the label does not say. */
  hint?: string;
  section: Html;
}

/** A part of the page: what the contents say of it, and what it is. */
interface Part {
  title: string;
  id: string;
  words: Html;
  entries: readonly Entry[];
}

const slug = (text: string): string => text.toLowerCase().replace(/[^a-z]+/g, "-");

/** A long path is broken before its slashes. */
const breakable = (path: string): Html[] =>
  path.split("/").map((step, at) => html`${at > 1 ? new Html("<wbr>") : null}${at > 0 ? "/" : ""}${step}`);

function introduction(): { lead: Html; parts: Part[] } {
  const [lead, ...sections] = INTRODUCTION.split(/^## /m);
  const parts = sections.map((text) => {
    const title = text.slice(0, text.indexOf("\n"));
    return { title, id: slug(title), words: markdown(text.slice(title.length)), entries: [] };
  });
  return { lead: markdown(lead as string), parts };
}

/** A request, and the webhook that tells what became of it. */
function firstMessage(): Html[] {
  const [send] = OPERATIONS;
  const [receipt] = WEBHOOKS;
  return [
    requestBlock("A first message", send!, send!.body!.examples[0]!.value),
    jsonBlock("Its webhook, as soon as it is delivered", receipt!.example),
  ];
}

function operations(group: Group): Part {
  const own = OPERATIONS.filter((operation) => operation.group === group);
  const entries = own.map((operation) => ({
    id: operation.id,
    label: html`${method(operation.method)} <span>${breakable(operation.path)}</span>`,
    hint: operation.summary,
    section: operationSection(operation),
  }));
  return { title: group, id: slug(group), words: markdown(GROUPS[group]), entries };
}

function webhooks(): Part {
  const entries = WEBHOOKS.map((webhook) => ({
    id: `webhook-${webhook.id}`,
    label: html`${webhook.summary}`,
    section: webhookSection(webhook),
  }));
  return { title: "Webhooks", id: "webhooks", words: markdown(ON_WEBHOOKS), entries };
}

function problems(): Part {
  const names = (Object.keys(PROBLEMS) as ProblemName[]).sort((a, b) => PROBLEMS[a].status - PROBLEMS[b].status);
  const entries = names.map((name) => ({
    id: `problem-${name}`,
    label: html`<span class="status">${PROBLEMS[name].status}</span> ${name}`,
    hint: PROBLEMS[name].title,
    section: problemSection(name),
  }));
  const words = markdown(
    "Every kind of problem that a request may be answered with. The `type` of an answer leads here.",
  );
  return { title: "Problems", id: "problems", words, entries };
}

/** The reference as a page that needs nothing but itself. */
export function referencePage(): string {
  const { lead, parts } = introduction();
  const codes = { title: "Receipt codes", id: "receipt-codes", words: markdown(ON_RECEIPT_CODES), entries: [] };
  const simulator = { title: "The simulator's numbers", id: "simulator", words: markdown(ON_SIMULATOR), entries: [] };
  const groups = [...(Object.keys(GROUPS) as Group[]).map(operations), webhooks(), problems()];
  const tables = [
    { ...codes, words: html`${codes.words}${receiptCodeTable()}` },
    { ...simulator, words: html`${simulator.words}${simulatorTable()}` },
  ];
  const begin = { title: "Beginning", id: "top" };
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Messaging Plus: API reference</title>
<link rel="icon" href="${ICON}">
<style>${new Html(STYLE)}</style>
</head>
<body>
<a class="skip" href="#top">Skip to the text</a>
<header><b>Messaging Plus</b><span>${version}</span><button type="button" class="menu" aria-expanded="false">Contents</button></header>
<nav aria-label="Contents">
<input class="search" type="search" placeholder="Search" title="Press / to come here" aria-label="Search the reference and the guides" hidden>
<p class="found" role="status"></p>
<ul class="results" hidden></ul>
<div class="contents">
<ul><li><a href="docs/guides/index">Guides</a></li><li><a href="dashboard">Dashboard</a></li></ul>
${contents("Basics", [begin, ...parts])}
${groups.map(({ title, entries }) => contents(title, entries))}
${contents("Codes and numbers", tables)}
</div>
</nav>
<main>
<div class="entry lead" id="top">
<div class="head"><h1>API reference</h1>${lead}<p>The same as an <a href="openapi.json">OpenAPI document</a>. The <a href="docs/guides/index">guides</a> have a page for each task; the <a href="dashboard">dashboard</a> shows what a key opens.</p></div>
<div class="samples">${firstMessage()}</div>
</div>
${parts.map(({ id, title, words }) => html`<section class="group intro" id="${id}"><h2>${title}</h2>${words}</section>`)}
${groups.map(
  ({ id, title, words, entries }) =>
    html`<div class="group" id="${id}"><h2>${title}</h2><div class="prose">${words}</div>${entries.map((entry) => entry.section)}</div>`,
)}
${tables.map(({ id, title, words }) => html`<section class="group" id="${id}"><h2>${title}</h2>${words}</section>`)}
</main>
<script>${new Html(SCRIPT)}</script>
</body>
</html>
`.text;
}

function contents(title: string, entries: readonly (Omit<Entry, "section"> | { id: string; title: string })[]): Html {
  const items = entries.map((entry) => {
    if ("title" in entry) return html`<li><a href="#${entry.id}">${entry.title}</a></li>`;
    return html`<li><a href="#${entry.id}" title="${entry.hint ?? ""}">${entry.label}</a></li>`;
  });
  return html`<p>${title}</p><ul>${items}</ul>`;
}

/** The page as it is served. */
export const PAGE_TEXT = referencePage();
