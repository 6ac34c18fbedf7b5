/** The search: over every section of the page, and the guides, whose text the server has in one file. */
export const SEARCH = `
const search = document.querySelector(".search");
const results = document.querySelector(".results");
const found = document.querySelector(".found");
const contents = document.querySelector(".contents");
/** Examples in further languages say nothing that the first does not. */
const textOf = (section) => {
  const words = [];
  const texts = document.createTreeWalker(section, NodeFilter.SHOW_TEXT, (node) =>
    node.parentElement.closest("pre[data-language]:not([data-language=curl]), select, button, .try") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
  while (texts.nextNode()) words.push(texts.currentNode.data);
  return words.join(" ").replace(/\\s+/g, " ");
};
let entries = null;
const own = () => links.map((link) => {
  const section = document.getElementById(link.hash.slice(1));
  const title = link.title === "" ? link.textContent : link.textContent + ": " + link.title;
  const whole = section.matches(".group:not(section)") ? section.querySelector(".prose") : section;
  return { href: link.hash, title, text: textOf(whole) };
});
const load = async () => {
  entries ??= own();
  const answer = await fetch(server + "docs/search.json").catch(() => null);
  if (answer === null || !answer.ok) return;
  const guides = await answer.json();
  entries = [...own(), ...guides.map(({ href, page, title, text }) => ({
    href: server + "docs/" + href, title: title === page ? page : page + ": " + title, text,
  }))];
  show();
};
/** The text around the first of the words, with the word marked. */
const around = (text, word) => {
  const at = text.toLowerCase().indexOf(word);
  if (at < 0) return [text.slice(0, 90)];
  const start = Math.max(0, at - 40);
  return [(start > 0 ? "… " : "") + text.slice(start, at), element("mark", {}, text.slice(at, at + word.length)), text.slice(at + word.length, at + word.length + 60) + " …"];
};
const show = () => {
  const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
  contents.hidden = words.length > 0;
  results.hidden = words.length === 0;
  found.textContent = "";
  results.replaceChildren();
  if (words.length === 0 || entries === null) return;
  const hits = entries.flatMap((entry) => {
    const title = entry.title.toLowerCase();
    const all = title + " " + entry.text.toLowerCase();
    if (!words.every((word) => all.includes(word))) return [];
    // Titles first; then where the words are most of what is there.
    const inTitle = (word) => title.split(/[^\\p{L}\\p{N}]+/u).includes(word) ? 20 : title.includes(word) ? 10 : 0;
    const score = words.reduce((sum, word) => sum + inTitle(word) + (all.split(word).length - 1) / Math.sqrt(all.length), 0);
    return [{ entry, score }];
  }).sort((left, right) => right.score - left.score).slice(0, 40);
  found.textContent = hits.length === 0 ? "Nothing found for “" + search.value.trim() + "”." : hits.length === 1 ? "1 place" : (hits.length === 40 ? "The best 40" : hits.length) + " places";
  results.append(...hits.map(({ entry }) =>
    element("li", {}, element("a", { href: entry.href }, element("b", {}, entry.title), element("small", {}, ...around(entry.text, words[0]))))));
};
search.hidden = false;
search.addEventListener("focus", () => { if (entries === null) load(); });
search.addEventListener("input", show);
search.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && search.value !== "") { event.stopPropagation(); search.value = ""; show(); }
  if (event.key === "Enter" || event.key === "ArrowDown") { event.preventDefault(); results.querySelector("a")?.focus(); }
});
results.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const all = [...results.querySelectorAll("a")];
  (all[all.indexOf(document.activeElement) + step] ?? search).focus();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.closest("input, textarea, select")) return;
  event.preventDefault();
  search.focus();
});
`;
