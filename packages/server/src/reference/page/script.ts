/** What the page does beyond being read: it copies, filters its contents, marks where one is. It works without. */
export const SCRIPT = `
const root = document.documentElement;
root.classList.add("scripted");
const nav = document.querySelector("nav");
const menu = document.querySelector(".menu");
const filter = document.querySelector(".filter");
const links = [...nav.querySelectorAll("a")];

for (const code of document.querySelectorAll("pre code"))
  code.innerHTML = code.innerHTML.replaceAll("http://127.0.0.1:8080", new URL(".", location).href.slice(0, -1));

menu.addEventListener("click", () => {
  menu.setAttribute("aria-expanded", String(root.classList.toggle("open")));
});
nav.addEventListener("click", (event) => {
  if (!event.target.closest("a")) return;
  root.classList.remove("open");
  menu.setAttribute("aria-expanded", "false");
});

filter.hidden = false;
filter.addEventListener("input", () => {
  const words = filter.value.toLowerCase().split(/\\s+/).filter(Boolean);
  for (const item of nav.querySelectorAll("li")) {
    const text = (item.textContent + " " + item.firstChild.title).toLowerCase();
    item.hidden = !words.every((word) => text.includes(word));
  }
  for (const list of nav.querySelectorAll("ul")) {
    const empty = [...list.children].every((item) => item.hidden);
    list.hidden = empty;
    list.previousElementSibling.hidden = empty;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.closest("input")) return;
  event.preventDefault();
  filter.focus();
});

if (navigator.clipboard) {
  for (const button of document.querySelectorAll(".copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.closest("figure").querySelector("code").innerText);
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
