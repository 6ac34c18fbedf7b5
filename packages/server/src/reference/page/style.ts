export const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath fill='%231a56c4' d='M2 2h12v9H7l-3 3v-3H2z'/%3E%3C/svg%3E";

/** The page's style: one column on a phone, contents beside it on a tablet, samples beside the words on a desktop. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fff; --ink: #1b2330; --quiet: #566173; --line: #e2e6ec; --soft: #f5f7fa; --link: #1a56c4;
  --code: #f1f3f7; --name: #8a2c6b; --text: #1c6b3c; --value: #9a4a00;
  --get: #1a56c4; --post: #1c6b3c; --put: #7a4a00; --patch: #7a4a00; --delete: #b3261e; --good: #1c6b3c; --bad: #b3261e;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #11161d; --ink: #dfe5ee; --quiet: #98a4b5; --line: #2a323e; --soft: #181f29; --link: #7fb0ff;
    --code: #1c2430; --name: #e59ccb; --text: #8fd6a8; --value: #f0b27a;
    --get: #7fb0ff; --post: #8fd6a8; --put: #f0c27a; --patch: #f0c27a; --delete: #ff9d94; --good: #8fd6a8; --bad: #ff9d94;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1.5rem; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: 0.15em; }
code, pre { font-family: var(--mono); font-size: 0.875em; }
p code, li code, td code { background: var(--code); border-radius: 4px; padding: 0.1em 0.35em; overflow-wrap: anywhere; }
a code { color: inherit; }
h1, h2, h3, h4 { line-height: 1.25; text-wrap: balance; }
h1 { font-size: 2rem; margin: 0 0 0.5rem; letter-spacing: -0.02em; }
h2 { font-size: 1.5rem; margin: 0 0 0.5rem; letter-spacing: -0.01em; }
h3 { font-size: 1.2rem; margin: 0 0 0.6rem; }
h4 { font-size: 0.8rem; margin: 1.6rem 0 0.3rem; color: var(--quiet); text-transform: uppercase; letter-spacing: 0.06em; }
p { margin: 0 0 0.9rem; }
.anchor { margin-left: 0.4em; color: var(--quiet); text-decoration: none; opacity: 0; }
h3:hover .anchor, .anchor:focus-visible { opacity: 1; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 4px; }

header { display: flex; align-items: center; gap: 0.75rem; padding: 0.6rem 1rem; border-bottom: 1px solid var(--line); background: var(--paper); }
header b { font-size: 1.05rem; }
header span { color: var(--quiet); font-size: 0.85rem; }
.menu { display: none; margin-left: auto; font: inherit; font-size: 0.9rem; color: inherit; background: var(--soft); border: 1px solid var(--line); border-radius: 6px; padding: 0.35rem 0.8rem; cursor: pointer; }
nav { padding: 1rem; font-size: 0.9rem; }
nav .search { width: 100%; font: inherit; color: inherit; background: var(--soft); border: 1px solid var(--line); border-radius: 6px; padding: 0.45rem 0.7rem; margin-bottom: 0.5rem; }
nav p { margin: 1rem 0 0.25rem; font-size: 0.75rem; font-weight: 600; color: var(--quiet); text-transform: uppercase; letter-spacing: 0.06em; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav a { display: flex; gap: 0.5rem; align-items: baseline; padding: 0.22rem 0.5rem; border-radius: 5px; color: inherit; text-decoration: none; overflow-wrap: anywhere; }
nav a:hover { background: var(--soft); }
nav a[aria-current] { background: var(--soft); color: var(--link); box-shadow: inset 2px 0 var(--link); }
nav .method { min-width: 3.1rem; font-size: 0.65rem; }
nav .status { font-size: 0.75rem; min-width: 1.9rem; }
nav .method, nav .status { flex: none; }
nav .found { margin: 0.2rem 0 0.4rem; text-transform: none; letter-spacing: 0; font-weight: 400; font-size: 0.85rem; }
nav .found:empty { display: none; }
nav .results a { display: block; padding: 0.4rem 0.5rem; }
.results b { display: block; font-weight: 600; }
.results small { display: block; color: var(--quiet); font-size: 0.8rem; line-height: 1.4; }
.results mark, .results mark * { background: none; color: var(--link); font-weight: 600; }
.skip { position: absolute; left: -99rem; top: 0.5rem; z-index: 3; background: var(--paper); padding: 0.3rem 0.8rem; }
.skip:focus { left: 0.5rem; }
main { padding: 1.5rem 1rem 6rem; min-width: 0; }
.intro { max-width: 44rem; }
.group { margin-top: 4rem; }
.prose { max-width: 44rem; }
.entry { display: grid; grid-template: "head" "samples" "rest" / minmax(0, 1fr); padding: 2rem 0; border-top: 1px solid var(--line); }
.lead { border: 0; padding: 0; }
.entry:target h3 { color: var(--link); }
.head { grid-area: head; max-width: 44rem; }
.samples { grid-area: samples; margin-top: 0.6rem; }
.rest { grid-area: rest; max-width: 44rem; }

.request { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem; margin-bottom: 1rem; }
.request > code { font-size: 0.95rem; background: none; padding: 0; }
.method { font: 700 0.75rem/1 var(--mono); color: var(--ink); letter-spacing: 0.02em; }
.get { color: var(--get); } .post { color: var(--post); } .put { color: var(--put); } .patch { color: var(--patch); } .delete { color: var(--delete); }
.key, .request .status { font-size: 0.75rem; border: 1px solid var(--line); border-radius: 99px; padding: 0.1rem 0.6rem; color: var(--quiet); }
.status { font-family: var(--mono); font-weight: 700; }
.title { font-weight: 600; }
.by { color: var(--quiet); font-size: 0.9rem; }

.fields { list-style: none; margin: 0; padding: 0; }
.fields > li { padding: 0.6rem 0; border-top: 1px solid var(--line); }
.fields > li:first-child { border-top: 0; }
.fields .fields, .fields details { margin: 0.4rem 0 0 0.2rem; padding-left: 0.9rem; border-left: 2px solid var(--line); }
.fields details .fields { border: 0; padding: 0; margin: 0; }
summary { cursor: pointer; color: var(--quiet); font-size: 0.9rem; padding: 0.3rem 0; }
.name code { font-weight: 600; background: none; padding: 0; font-size: 0.9rem; }
.type { color: var(--quiet); font-size: 0.85rem; margin-left: 0.35rem; overflow-wrap: anywhere; }
.required, .sometimes { color: var(--bad); font-size: 0.75rem; margin-left: 0.35rem; }
.sometimes { color: var(--quiet); font-style: italic; }
.about { font-size: 0.92rem; }
.refusals { list-style: none; display: flex; flex-wrap: wrap; gap: 0.4rem; margin: 0.5rem 0 0; padding: 0; font-size: 0.85rem; }
.refusals a { display: block; border: 1px solid var(--line); border-radius: 6px; padding: 0.15rem 0.55rem; text-decoration: none; color: inherit; }
.refusals a:hover { border-color: var(--link); color: var(--link); }
.refusals b { font-family: var(--mono); font-size: 0.8rem; color: var(--quiet); margin-right: 0.2rem; }

.samples > details { margin: -0.4rem 0 0.6rem; }
figure { margin: 0 0 1rem; border: 1px solid var(--line); border-radius: 8px; overflow: hidden; background: var(--soft); }
figcaption { display: flex; align-items: center; justify-content: space-between; gap: 1rem; padding: 0.35rem 0.5rem 0.35rem 0.9rem; min-height: 2.3rem; border-bottom: 1px solid var(--line); font-size: 0.8rem; color: var(--quiet); }
.copy { font: inherit; font-size: 0.75rem; color: inherit; background: none; border: 1px solid var(--line); border-radius: 5px; padding: 0.1rem 0.5rem; cursor: pointer; }
figcaption span { flex: 1; }
.language { font: inherit; font-size: 0.75rem; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 5px; padding: 0.1rem 0.2rem; }
pre[data-language] { display: none; }
:root:not([data-language]) pre[data-language="curl"], [data-language="curl"] pre[data-language="curl"],
[data-language="JavaScript"] pre[data-language="JavaScript"], [data-language="Python"] pre[data-language="Python"],
[data-language="PHP"] pre[data-language="PHP"] { display: block; }
.try { margin: 0 0 1rem; }
.try button, .try input, .try textarea { font: inherit; font-size: 0.875rem; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 6px; padding: 0.35rem 0.7rem; }
.try button { cursor: pointer; background: var(--soft); }
.try button:hover { border-color: var(--link); color: var(--link); }
.try form { display: grid; gap: 0.6rem; border: 1px solid var(--line); border-radius: 8px; padding: 0.9rem; margin-top: 0.6rem; }
.try label { display: grid; gap: 0.15rem; font-size: 0.8rem; color: var(--quiet); }
.try input, .try textarea { width: 100%; color: var(--ink); }
.try textarea { font-family: var(--mono); font-size: 0.8rem; min-height: 9rem; resize: vertical; }
.try .note { margin: 0; font-size: 0.85rem; color: var(--quiet); }
.try .answer { background: var(--code); border-radius: 6px; max-height: 24rem; overflow: auto; font-size: 0.8rem; }
.guide main { max-width: 52rem; overflow-wrap: anywhere; }
.guide img { max-width: 100%; height: auto; border: 1px solid var(--line); border-radius: 8px; }
.guide header { flex-wrap: wrap; }
header .links { display: flex; gap: 0.1rem 0.7rem; flex-wrap: wrap; font-size: 0.8rem; }
.copy:hover { color: var(--link); border-color: var(--link); }
pre { margin: 0; padding: 0.9rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.5; font-size: 0.92rem; tab-size: 2; }
pre i { font-style: normal; }
.n { color: var(--name); } .s { color: var(--text); } .v { color: var(--value); }

.scroll { overflow-x: auto; margin: 0 0 1rem; }
table { border-collapse: collapse; width: 100%; font-size: 0.92rem; }
th, td { text-align: left; vertical-align: top; padding: 0.45rem 0.9rem 0.45rem 0; border-bottom: 1px solid var(--line); }
th { font-size: 0.8rem; color: var(--quiet); font-weight: 600; }
td.number { white-space: nowrap; }
td.good { color: var(--good); } td.bad { color: var(--bad); }
tr:target { background: var(--code); }

@media (max-width: 51.99rem) {
  html { scroll-padding-top: 4.5rem; }
  header { position: sticky; top: 0; z-index: 2; }
  .scripted .menu { display: block; }
  .scripted nav { display: none; }
  .scripted.open { overflow: hidden; }
  .scripted.open nav { display: block; position: fixed; inset: 3.4rem 0 0; z-index: 1; overflow-y: auto; background: var(--paper); }
  nav { font-size: 1rem; }
  nav a { padding: 0.45rem 0.5rem; }
  h1 { font-size: 1.7rem; }
}
@media (min-width: 52rem) {
  header { position: fixed; top: 0; left: 0; width: 18rem; border: 0; border-right: 1px solid var(--line); padding: 1.1rem 1.5rem 0.4rem; height: 3.4rem; }
  nav { position: fixed; top: 3.4rem; bottom: 0; left: 0; width: 18rem; overflow-y: auto; border-right: 1px solid var(--line); padding: 0.5rem 1rem 2rem; }
  .guide header { height: auto; }
  .guide nav { top: 6rem; }
  main { margin-left: 18rem; padding: 2.5rem 2.5rem 8rem; }
}
@media (min-width: 80rem) {
  main { max-width: 86rem; }
  .entry { grid-template: "head samples" auto "rest samples" 1fr / minmax(0, 1fr) minmax(0, 31rem); column-gap: 3rem; padding: 2.5rem 0; }
  .lead { padding: 0; }
  .samples { margin: 0; position: sticky; top: 2rem; align-self: start; }
}
@media print {
  header, nav, .copy { display: none; }
  main { margin: 0; padding: 0; max-width: none; }
  .entry { display: block; }
  figure { break-inside: avoid; }
}
`;
