import { SEARCH } from "./search-script.ts";
import { TRY_IT } from "./try-script.ts";

/** The page's script: it copies, searches, tries requests and marks where the reader is. The page can be read without it. */
export const SCRIPT = `
const root = document.documentElement;
root.classList.add("scripted");
const nav = document.querySelector("nav");
const menu = document.querySelector(".menu");
const links = [...nav.querySelectorAll(".contents a[href^='#']")];
/** Where the API is: beside this page. */
const server = new URL(".", location).href;

/** An element with its attributes and what is in it; text stays text. */
const element = (name, attributes = {}, ...content) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...content);
  return made;
};

for (const code of document.querySelectorAll("pre code")) {
  const texts = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (text.data.includes("http://127.0.0.1:8080")) text.data = text.data.replaceAll("http://127.0.0.1:8080", server.slice(0, -1));
  }
}

menu.addEventListener("click", () => {
  menu.setAttribute("aria-expanded", String(root.classList.toggle("open")));
});
const closeMenu = () => {
  root.classList.remove("open");
  menu.setAttribute("aria-expanded", "false");
};
nav.addEventListener("click", (event) => {
  if (event.target.closest("a")) closeMenu();
});
nav.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !root.classList.contains("open")) return;
  closeMenu();
  menu.focus();
});

/** The reader's language is kept for the next visit, where the browser keeps anything. */
const kept = () => { try { return localStorage; } catch { return null; } };
const choices = [...document.querySelectorAll(".language")];
const choose = (language) => {
  root.dataset.language = language;
  for (const choice of choices) choice.value = language;
};
const known = [...choices[0].options].map((option) => option.value);
const before = kept()?.getItem("messaging-plus-language");
choose(known.includes(before) ? before : "curl");
for (const choice of choices) {
  choice.hidden = false;
  choice.addEventListener("change", () => {
    const { top } = choice.getBoundingClientRect();
    choose(choice.value);
    kept()?.setItem("messaging-plus-language", choice.value);
    // The examples above have other heights now.
    scrollBy(0, choice.getBoundingClientRect().top - top);
  });
}
${SEARCH}
${TRY_IT}
if (navigator.clipboard) {
  for (const button of document.querySelectorAll(".copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const shown = [...button.closest("figure").querySelectorAll("code")].find((code) => code.offsetParent !== null);
      await navigator.clipboard.writeText(shown.innerText);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
  }
}

const targets = links.map((link) => document.getElementById(link.hash.slice(1)));
const mark = () => {
  let current = 0;
  targets.forEach((target, index) => {
    if (target.getBoundingClientRect().top < innerHeight / 4) current = index;
  });
  links.forEach((link, index) => {
    if (index !== current) return link.removeAttribute("aria-current");
    if (link.getAttribute("aria-current")) return;
    link.setAttribute("aria-current", "true");
    if (nav.scrollHeight > nav.clientHeight) {
      const { top, bottom } = link.getBoundingClientRect();
      if (top < 80 || bottom > innerHeight - 40) nav.scrollTop += top - innerHeight / 2;
    }
  });
};
let waiting = false;
addEventListener("scroll", () => {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; mark(); });
}, { passive: true });
mark();
`;
