import axe from "axe-core";
import type { Page } from "playwright-core";

const COLOURS = `runOnly: ["color-contrast"]`;
/** Else axe also works out a selector for everything that is in order, which takes most of its time. */
const BRIEF = `resultTypes: ["violations"]`;

/**
 * The faults that axe finds in the page as it is now, each with its place; none is to be found. In the dark the
 * colours alone differ.
 * @param parts where it looks at colours, which takes long on a long page: selectors; all of the page if there are none
 */
export async function axeFaults(page: Page, parts?: readonly string[]): Promise<string[]> {
  if (!(await page.evaluate<boolean>("`axe` in window"))) await page.evaluate(axe.source);
  const faults: string[] = [];
  const context = parts === undefined ? "document" : JSON.stringify({ include: parts });
  const rest = `document, { rules: { "color-contrast": { enabled: ${parts === undefined} } }, ${BRIEF} }`;
  for (const [colorScheme, run] of [
    ["dark", `${context}, { ${COLOURS}, ${BRIEF} }`],
    ...(parts === undefined ? [] : [["light", `${context}, { ${COLOURS}, ${BRIEF} }`] as const]),
    ["light", rest],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await page.evaluate<axe.AxeResults>(`axe.run(${run})`);
    for (const { id, help, nodes } of violations) {
      for (const { target, failureSummary } of nodes) {
        faults.push(`${colorScheme}: ${id}: ${help}: ${target.join(" ")}: ${failureSummary}`);
      }
    }
  }
  return faults;
}
