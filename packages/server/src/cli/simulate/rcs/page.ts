import { Html, html } from "../../../reference/page/html.ts";
import type { CardContent, Suggestion } from "./content.ts";
import { type Content, cardsOf, type Line, wordsOn } from "./phones.ts";

/** Draws suggestions, and numbers them over the whole conversation in the order in which `Phones` counts them. */
type Chips = (suggestions?: readonly Suggestion[]) => Html[];

/** A conversation as a handset shows it, as HTML: a messaging app of no maker, in the proportions of the reference. */
export function phonePage(handset: string, lines: readonly Line[]): string {
  let next = 0;
  const chips: Chips = (suggestions = []) => suggestions.map((suggestion) => chip(suggestion, next++));
  const shown = lines.map((line, index) => lineHtml(line, chips, index === lines.length - 1));
  const agent = lines.findLast((line) => line.by === "agent");
  const name = agent?.by === "agent" ? agent.agentId : "No message yet";
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>+${handset}</title><style>${new Html(STYLE)}</style></head>
<body><header><b>${name}</b><span>to +${handset}</span></header>
<main>${shown}</main>
<form method="post"><input name="text" aria-label="Message" placeholder="Message" autocomplete="off" required><button>Send</button></form>
<script>${new Html(SCRIPT)}</script></body></html>
`.text;
}

function lineHtml(line: Line, chips: Chips, isLast: boolean): Html {
  if (line.by === "handset") return html`<p class="own">${line.words}</p>`;
  const { content } = line;
  const cards = cardsOf(content).map((card) => cardHtml(card, chips));
  // Those under a message are shown while it is the latest.
  const under = chips(content.suggestions);
  const below = isLast && under.length > 0 ? html`<div class="chips">${under}</div>` : null;
  return html`<div class="agent">${bubble(content, cards)}</div>${below}`;
}

function bubble(content: Content, cards: readonly Html[]): Html {
  if ("text" in content) return html`<p class="text">${content.text}</p>`;
  if ("contentInfo" in content) return html`<div class="card">${media(content.contentInfo, "MEDIUM")}</div>`;
  const { richCard } = content;
  if ("carouselCard" in richCard) {
    return html`<div class="carousel ${richCard.carouselCard.cardWidth}">${cards}</div>`;
  }
  return html`<div class="${richCard.standaloneCard.cardOrientation}">${cards}</div>`;
}

function cardHtml({ title, description, suggestions, media: shown }: CardContent, chips: Chips): Html {
  const picture = shown === undefined ? null : media(shown.contentInfo, shown.height);
  const heading = title === undefined ? null : html`<b>${title}</b>`;
  const text = description === undefined ? null : html`<p>${description}</p>`;
  return html`<div class="card">${picture}<div class="words">${heading}${text}${chips(suggestions)}</div></div>`;
}

/** Pictures are shown; of any other file its name. */
function media({ fileUrl, thumbnailUrl }: { fileUrl: string; thumbnailUrl?: string }, height: string): Html {
  const name = new URL(fileUrl).pathname.split("/").pop() ?? "";
  const shown = thumbnailUrl ?? (/\.(jpe?g|gif|png)$/i.test(name) ? fileUrl : undefined);
  if (shown === undefined) return html`<p class="file">${name}</p>`;
  return html`<img class="${height}" alt="${name}" src="${shown}">`;
}

function chip(suggestion: Suggestion, number: number): Html {
  const { text } = wordsOn(suggestion);
  return html`<form method="post"><button name="tap" value="${number}">${symbolOf(suggestion)}${text}</button></form>`;
}

function symbolOf(suggestion: Suggestion): string {
  if ("reply" in suggestion) return "";
  const { action } = suggestion;
  if ("openUrlAction" in action) return "↗ ";
  if ("dialAction" in action) return "☏ ";
  return "createCalendarEventAction" in action ? "▦ " : "◎ ";
}

/** Heights and widths of media and cards are those of the reference, in dp. */
const STYLE = `
* { box-sizing: border-box; margin: 0 }
body { font: 15px/1.4 system-ui, sans-serif; max-width: 380px; min-height: 100vh; margin: auto; display: flex; flex-direction: column; background: #fff; color: #1f2328 }
header { padding: 12px 16px; border-bottom: 1px solid #d9dde3; display: flex; justify-content: space-between }
header span { color: #667 }
main { flex: 1; padding: 12px; display: flex; flex-direction: column; gap: 10px }
.agent { max-width: 100% }
.text, .own { padding: 8px 14px; border-radius: 18px; white-space: pre-wrap; overflow-wrap: anywhere; width: fit-content; max-width: 85% }
.text { background: #eef1f5 }
.own { background: #1a56c4; color: #fff; align-self: end }
.card { border: 1px solid #d0d5dd; border-radius: 14px; overflow: hidden; background: #fff; width: 270px }
.words { padding: 10px 12px; display: grid; gap: 6px }
img { display: block; width: 100%; object-fit: cover; background: #dfe4ea }
img.SHORT { height: 112px } img.MEDIUM { height: 168px } img.TALL { height: 264px }
.HORIZONTAL .card { display: flex; width: 330px } .HORIZONTAL img { width: 110px; height: auto }
.file { padding: 24px 12px; background: #eef1f5 }
.carousel { display: flex; gap: 8px; overflow-x: auto; align-items: stretch }
.carousel .card { flex: none } .SMALL .card { width: 120px } .carousel.MEDIUM .card { width: 232px }
.chips { display: flex; flex-wrap: wrap; gap: 6px }
button { font: inherit; color: #1a56c4; background: #fff; border: 1px solid #b9c4d6; border-radius: 16px; padding: 4px 12px; cursor: pointer }
.words form, .words button { width: 100% }
body > form { display: flex; gap: 8px; padding: 10px 12px; border-top: 1px solid #d9dde3 }
input { flex: 1; font: inherit; padding: 6px 12px; border: 1px solid #b9c4d6; border-radius: 16px; min-width: 0 }
`;
/** New messages are shown without a reload, which would lose the text that is being written. */
const SCRIPT = `setInterval(async () => {
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  const [now, before] = [page.querySelector("main"), document.querySelector("main")];
  if (now && now.innerHTML !== before.innerHTML) before.replaceWith(now);
}, 1000)`;
