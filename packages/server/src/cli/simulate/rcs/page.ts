import type { CardContent, Suggestion } from "./content.ts";
import { type Content, cardsOf, type Line, suggestionsOf, wordsOn } from "./phones.ts";

/** A conversation as a handset shows it, as HTML: a messaging app of no maker, in the proportions of the reference. */
export function phonePage(handset: string, lines: readonly Line[]): string {
  const count = new Counter();
  const shown = lines.map((line, index) => lineHtml(line, count, index === lines.length - 1)).join("\n");
  const agent = lines.findLast((line) => line.by === "agent");
  const name = agent?.by === "agent" ? agent.agentId : "No message yet";
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>+${handset}</title><style>${STYLE}</style></head>
<body><header><b>${escaped(name)}</b><span>to +${handset}</span></header>
<main>${shown}</main>
<form method="post"><input name="text" aria-label="Message" placeholder="Message" autocomplete="off" required><button>Send</button></form>
<script>${SCRIPT}</script></body></html>
`;
}

/** Numbers what can be tapped, over the whole conversation. */
class Counter {
  next = 0;
}

function lineHtml(line: Line, count: Counter, isLast: boolean): string {
  if (line.by === "handset") return `<p class="own">${escaped(line.words)}</p>`;
  const { content } = line;
  const first = count.next;
  count.next += suggestionsOf(content).length;
  let number = first;
  const chips = (all: readonly Suggestion[] = []): string => all.map((one) => chip(one, number++)).join("");
  const cards = cardsOf(content).map((card) => cardHtml(card, chips));
  // Those under a message are shown while it is the latest.
  const under = chips(content.suggestions);
  const below = isLast && under !== "" ? `<div class="chips">${under}</div>` : "";
  return `<div class="agent">${bubble(content, cards)}</div>${below}`;
}

function bubble(content: Content, cards: readonly string[]): string {
  if ("text" in content) return `<p class="text">${escaped(content.text)}</p>`;
  if ("contentInfo" in content) return `<div class="card">${media(content.contentInfo, "MEDIUM")}</div>`;
  const { richCard } = content;
  if ("carouselCard" in richCard) {
    return `<div class="carousel ${richCard.carouselCard.cardWidth}">${cards.join("")}</div>`;
  }
  return `<div class="${richCard.standaloneCard.cardOrientation}">${cards.join("")}</div>`;
}

function cardHtml(card: CardContent, chips: (all?: readonly Suggestion[]) => string): string {
  const { title, description, suggestions } = card;
  const picture = card.media === undefined ? "" : media(card.media.contentInfo, card.media.height);
  const words = [
    title === undefined ? "" : `<b>${escaped(title)}</b>`,
    description === undefined ? "" : `<p>${escaped(description)}</p>`,
    chips(suggestions),
  ];
  return `<div class="card">${picture}<div class="words">${words.join("")}</div></div>`;
}

/** Pictures are shown; of any other file its name. */
function media({ fileUrl, thumbnailUrl }: { fileUrl: string; thumbnailUrl?: string }, height: string): string {
  const name = new URL(fileUrl).pathname.split("/").pop() ?? "";
  const shown = thumbnailUrl ?? (/\.(jpe?g|gif|png)$/i.test(name) ? fileUrl : undefined);
  if (shown === undefined) return `<p class="file">${escaped(name)}</p>`;
  return `<img class="${height}" alt="${escaped(name)}" src="${escaped(shown)}">`;
}

function chip(suggestion: Suggestion, number: number): string {
  const { text } = wordsOn(suggestion);
  return `<form method="post"><button name="tap" value="${number}">${symbolOf(suggestion)}${escaped(text)}</button></form>`;
}

function symbolOf(suggestion: Suggestion): string {
  if ("reply" in suggestion) return "";
  const { action } = suggestion;
  if ("openUrlAction" in action) return "↗ ";
  if ("dialAction" in action) return "☏ ";
  return "createCalendarEventAction" in action ? "▦ " : "◎ ";
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
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
/** What comes is shown without a reload, which would lose what is being written. */
const SCRIPT = `setInterval(async () => {
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  const [now, before] = [page.querySelector("main"), document.querySelector("main")];
  if (now && now.innerHTML !== before.innerHTML) before.replaceWith(now);
}, 1000)`;
