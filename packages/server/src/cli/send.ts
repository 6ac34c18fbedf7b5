import type { MessageStory } from "@messaging-plus/sdk";
import { Command, Option } from "commander";
import { accountClient } from "./client.ts";
import { endWrongUse } from "./ending.ts";
import { type CountryOptions, numberOf, withCountry } from "./number-sources.ts";
import { print } from "./output.ts";
import { fieldsOf, printDryRun, type SendOptions, withSendOptions } from "./send-options.ts";
import { untilFinal } from "./wait.ts";

interface MessageOptions extends SendOptions, CountryOptions {
  from?: string;
  shared?: boolean;
}

export function sendCommand(): Command {
  return withCountry(withSendOptions(new Command("send")))
    .description("Sends one text to one number")
    .argument("<to>", "mobile number")
    .argument("<text>", "the text")
    .option("--from <sender>", "sender ID")
    .addOption(new Option("--shared", "a number of the server's pool as the sender").conflicts("from"))
    .action(async (to: string, body: string, options: MessageOptions, command: Command) => {
      const { from: value, shared, dryRun, wait, channel: channels } = options;
      if (value === undefined && shared !== true) endWrongUse(command, "say who sends it: --from, or --shared");
      const from = value === undefined ? ({ type: "shared" } as const) : ({ type: "custom", value } as const);
      const number = numberOf(to, options, command);
      const message = { from, to: number, body, channels, ...(await fieldsOf(options, command)) };
      const client = await accountClient(options);
      const answer = await client.messages.send({ messages: [message] }, { dryRun });
      if (dryRun === true) return printDryRun(options, client, [{ text: body, numbers: [number] }]);
      const lines = () =>
        answer.messages.flatMap((sent) => [
          `message ${sent.messageUuid}`,
          `batch   ${sent.batchUuid}`,
          ...(sent.from.type === "shared" ? [`from    ${sent.from.value}`] : []),
        ]);
      if (wait === undefined || options.json !== true) print(options, answer, lines);
      if (wait === undefined) return;
      const [sent] = answer.messages;
      const story = await untilFinal(wait, async () => {
        const now = await client.messages.get(sent!.messageUuid);
        return {
          is: now,
          final: now.waiting === null,
          words: now.waiting === null ? "" : `waits (${now.waiting.why})`,
        };
      });
      print(options, story, () => [finalLine(story)]);
      if (story.state === "failed") process.exitCode = 1;
    });
}

function finalLine({ state, code, description }: MessageStory): string {
  return `${state}${code === null ? "" : `: ${code} ${description}`}`;
}
