import { describe, expect, test } from "vitest";
import { rcsRig } from "../../server/test/rcs/rig.ts";
import { BROWSER } from "../../server/test/reference/browser.ts";
import { newKey } from "../../server/test/support/program.ts";
import { until } from "../../server/test/support/until.ts";
import { axeFaults } from "./axe.ts";
import { dashboardRig } from "./rig.ts";

const operatorKey = newKey();
const { program } = await rcsRig({ operatorKey });
const { api } = program;

/** An account whose messages are priced. */
async function priced(credits: number) {
  const operator = api.as(operatorKey);
  const body = { name: "Priced", credits: true, balance: 1_000 };
  const owner = api.as((await operator.request<{ apiKey: string }>("POST", "/organization", { body })).body.apiKey);
  const made = await owner.request<{ identifier: string; apiKey: string }>("POST", "/account", {
    body: { name: "Campaigns" },
  });
  await owner.request("PATCH", "/topup", { body: { accountUuid: made.body.identifier, topup: credits } });
  return api.as(made.body.apiKey);
}

if (BROWSER === undefined) console.warn("No browser was found: files of numbers were not sent to in one.");

describe.skipIf(BROWSER === undefined)("in a browser, a file of numbers", () => {
  const rig = dashboardRig(program.url, [api.key, program.organizationKey, operatorKey]);
  const file = (text: string, name = "customers.csv") => ({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
  const CSV =
    "name,mobile,city\nAnn,07700 906001,Leeds\nBob,+44 7700 906002,York\n\nCem,unknown,Hull\nDee,0044 7700 906002,Bath\n";

  test("shows its column, faults by line, numbers, parts and price, and is sent after a question", async () => {
    const { page } = rig;
    const account = await priced(40);
    await rig.signIn(account.key, "#/send-many");
    await page.getByLabel("File of numbers").setInputFiles(file(CSV));
    const column = page.getByLabel("Column with the numbers");
    await until("the column", async () => (await column.inputValue()) === "2");
    const faults = page.getByRole("region", { name: "Entries that are no numbers" }).getByRole("listitem");
    await until("the faults", async () => (await faults.count()) === 2);
    expect(await faults.allTextContents()).toEqual([
      "Line 2: 07700 906001 is in national form, and no country is given",
      "Line 5: unknown is no mobile number: 7 to 15 digits with the country's code",
    ]);
    await column.selectOption("1: name");
    await until("the other column", async () => (await faults.count()) === 4);
    await column.selectOption("2: mobile");
    await page.getByLabel("Country of national numbers").fill("44");
    await page.getByText("2 numbers, 1 repeated, 1 entry without one").waitFor();
    expect(await page.getByRole("button", { name: "Send", exact: true }).count()).toBe(0);

    await page.getByLabel("Send to the others").check();
    await page.getByLabel("Sender ID", { exact: true }).fill("MyShop");
    await page.getByLabel("Text", { exact: true }).fill("x".repeat(161));
    await page.getByText("2 messages, 4 parts in all, for 4 credits of 40.").first().waitFor();
    await page.getByText("Webhook, channels, time and validity").click();
    expect(await page.getByLabel("Channels").locator("option").allTextContents()).toContain("RCS, then SMS");
    expect(await axeFaults(page)).toEqual([]);

    await page.getByRole("button", { name: "Send", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("2 messages, 4 parts in all").waitFor();
    await dialog.getByRole("button", { name: "Send" }).click();
    await page.getByRole("heading", { name: "Accepted" }).waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await page.getByText("2 of 2 numbers, as 1 batch").waitFor();
    const uuid = (await page.getByRole("region", { name: "Sent batches" }).getByRole("link").textContent())!;
    await until("the end", async () => (await account.status(uuid)).counts.delivered === 2);
    await page.getByRole("button", { name: "Send something else" }).click();
    await page.getByLabel("File of numbers").waitFor();
  });

  test("may be dropped, and refusals are shown as the server words them", async () => {
    const { page } = rig;
    await rig.signIn(api.key, "#/send-many");
    await page.getByLabel("File of numbers").waitFor();
    const dropped = await page.evaluateHandle(`(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(["447700906003\\n447700906004\\n"], "numbers.txt"));
      return transfer;
    })()`);
    await page.locator(".drop").dispatchEvent("drop", { dataTransfer: dropped });
    await page.getByText("2 numbers").waitFor();
    await page.getByText("numbers.txt").waitFor();
    await page.getByLabel("Text", { exact: true }).fill("Hello");
    await page.getByText("2 messages, 2 parts in all, for no credits.").first().waitFor();
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
    await page.getByRole("alert").filter({ hasText: "from" }).waitFor();
    await page.getByLabel("Sender ID", { exact: true }).fill("MyShop");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
    await page.getByRole("heading", { name: "Accepted" }).waitFor();
  });

  test("of more numbers than a request takes goes on where it was cut off", async () => {
    const { page } = rig;
    const many = Array.from({ length: 100_001 }, (_, index) => 447_800_000_000 + index).join("\n");
    await rig.signIn(api.key, "#/send-many");
    await page.getByLabel("File of numbers").setInputFiles(file(many, "numbers.txt"));
    await page.getByText("100,001 numbers").waitFor();
    await page.getByLabel("Sender ID", { exact: true }).fill("Thursday");
    await page.getByLabel("Text", { exact: true }).fill("Hello");
    await page.getByText("Webhook, channels, time and validity").click();
    await page.getByLabel("Send at").fill("2030-01-31T09:30");
    let isCut = true;
    let asked = 0;
    await page.route("**/batch?*", (route) => (++asked > 1 && isCut ? route.abort() : route.continue()));
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
    await page.getByRole("heading", { name: "Not all is sent" }).waitFor();
    await page.getByRole("alert").filter({ hasText: "No answer came" }).waitFor();
    await page.getByText("100,000 of 100,001 numbers, as 1 batch").waitFor();
    // Another view loses nothing of it.
    await page.getByRole("link", { name: "Scheduled" }).click();
    await page.getByRole("heading", { name: "Scheduled" }).waitFor();
    await page.getByRole("link", { name: "Send to many" }).click();
    isCut = false;
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByText("100,001 of 100,001 numbers, as 2 batches").waitFor();
    const { body } = await api.request<{ batches: { from: string; messagecount: number }[] }>("GET", "/batch");
    const counts = body.batches.filter(({ from }) => from === "Thursday").map(({ messagecount }) => messagecount);
    expect(counts.sort()).toEqual([1, 100_000]);
  });
});
