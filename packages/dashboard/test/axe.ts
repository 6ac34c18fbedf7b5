import axe from "axe-core";
import type { Page } from "playwright-core";

/**
 * The faults that axe finds in the page as it is now, each with its place; none is to be found. In the dark the
 * colours alone differ.
 * @param parts where it looks at colours, which takes long on a long page: selectors; all of the page if there are none
 */
export async function axeFaults(page: Page, parts?: readonly string[]): Promise<string[]> {
  await page.evaluate(axe.source);
  const faults: string[] = [];
  const context = parts === undefined ? "document" : JSON.stringify({ include: parts });
  const colours = `${context}, { runOnly: ["color-contrast"] }`;
  for (const [colorScheme, run] of [
    ["dark", colours],
    ["light", colours],
    ["light", `{ rules: { "color-contrast": { enabled: false } } }`],
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
