import axe from "axe-core";
import type { Page } from "playwright-core";

/**
 * The faults that axe finds in the page as it is now, each with its place; none is to be found. In the dark the
 * colours alone differ.
 */
export async function axeFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const faults: string[] = [];
  for (const [colorScheme, rules] of [
    ["dark", `{ runOnly: ["color-contrast"] }`],
    ["light", "{}"],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await page.evaluate<axe.AxeResults>(`axe.run(${rules})`);
    for (const { id, help, nodes } of violations) {
      for (const { target, failureSummary } of nodes) {
        faults.push(`${colorScheme}: ${id}: ${help}: ${target.join(" ")}: ${failureSummary}`);
      }
    }
  }
  return faults;
}
