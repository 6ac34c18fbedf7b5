/** A form below each request that sends it to this server, with a key that stays in the page until it is left. */
export const TRY_IT = `
let key = "";
const simulated = root.dataset.simulated !== undefined;
const labelled = (words, field) => element("label", {}, words, field);
const formOf = ({ method, path, key: needsKey, names, query, body, sends }) => {
  const form = element("form");
  const keyField = element("input", { type: "password", autocomplete: "off", spellcheck: "false" });
  keyField.value = key;
  keyField.addEventListener("input", () => { key = keyField.value.trim(); });
  if (needsKey) form.append(labelled("Key", keyField));
  const fields = ({ name, example }) => {
    const field = element("input", { type: "text", spellcheck: "false" });
    field.value = name === "dryRun" && sends && !simulated ? "true" : example;
    return { name, field };
  };
  const inPath = names.map(fields);
  const inQuery = query.map(fields);
  for (const { name, field } of [...inPath, ...inQuery]) form.append(labelled(name, field));
  const text = element("textarea", { spellcheck: "false" });
  text.value = body ?? "";
  if (body !== null) form.append(labelled("Body", text));
  if (sends) form.append(element("p", { class: "note" }, simulated
    ? "The simulator is the only carrier here: no text leaves the machine."
    : "This server has carriers beside the simulator: without dryRun it sends for real."));
  const answer = element("pre", { class: "answer", tabindex: "0", role: "status", "aria-label": "Answer", hidden: "" });
  form.append(element("button", { type: "submit" }, "Send " + method), answer);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const filled = path.slice(1).replace(/\\{(\\w+)\\}/g, (_, name) => encodeURIComponent(inPath.find((one) => one.name === name).field.value));
    const url = new URL(server + filled);
    for (const { name, field } of inQuery) if (field.value !== "") url.searchParams.set(name, field.value);
    const headers = needsKey && key !== "" ? { authorization: "Bearer " + key } : {};
    if (body !== null) headers["content-type"] = "application/json";
    answer.hidden = false;
    answer.textContent = "…";
    try {
      const began = performance.now();
      const response = await fetch(url, { method, headers, body: body === null ? undefined : text.value });
      const got = await response.text();
      const took = Math.round(performance.now() - began);
      let shown = got.slice(0, 100000);
      try { shown = JSON.stringify(JSON.parse(got), null, 2); } catch { /* It is no JSON. */ }
      answer.textContent = response.status + " " + response.statusText + ", " + took + " ms\\n\\n" + shown;
    } catch (error) {
      answer.textContent = "No answer: " + error.message;
    }
  });
  return form;
};
for (const place of document.querySelectorAll(".try")) {
  const button = place.querySelector("button");
  button.hidden = false;
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", () => {
    const open = place.querySelector("form");
    button.setAttribute("aria-expanded", String(open === null));
    if (open !== null) return open.remove();
    const form = formOf(JSON.parse(place.dataset.request));
    place.append(form);
    form.querySelector("input, textarea, button").focus();
  });
}
`;
