import { Argument, Command } from "commander";
import { printText } from "./output.ts";

/** A command by the words that lead to it, and what may follow. */
interface Place {
  path: string[];
  words: { word: string; description: string }[];
}

/** `mplus completion`: has a shell complete the commands and their options. */
export function completionCommand(): Command {
  return new Command("completion")
    .description("Prints a script that has a shell complete commands and options")
    .addArgument(new Argument("<shell>", "the shell").choices(["bash", "zsh", "fish"]))
    .addHelpText(
      "after",
      `
Examples:
  bash  source <(mplus completion bash)
  zsh   source <(mplus completion zsh)
  fish  mplus completion fish | source`,
    )
    .action((shell: "bash" | "zsh" | "fish", _options: object, command: Command) => {
      const places = placesOf(command.parent as Command);
      printText(shell === "fish" ? fish(places) : posix(places, shell === "zsh"));
    });
}

function placesOf(command: Command, path: string[] = []): Place[] {
  const words = [
    ...command.commands.map((each) => ({ word: each.name(), description: each.description() })),
    ...command.options.map(({ long, description }) => ({ word: long ?? "", description })),
  ];
  const below = command.commands.flatMap((each) => placesOf(each, [...path, each.name()]));
  return [{ path, words: words.filter(({ word }) => word !== "") }, ...below];
}

/** zsh takes what is written for bash. */
function posix(places: Place[], forZsh: boolean): string {
  const paths = places.filter(({ path }) => path.length > 0).map(({ path }) => `"${path.join(" ")}"`);
  const words = places.map(
    ({ path, words: all }) => `    "${path.join(" ")}") words="${all.map(({ word }) => word).join(" ")}" ;;`,
  );
  return `${forZsh ? "autoload -U +X compinit bashcompinit && compinit && bashcompinit\n" : ""}_mplus() {
  local path="" words="" word next
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    next="\${path:+$path }$word"
    case "$next" in
      ${paths.join("|")}) path="$next" ;;
    esac
  done
  case "$path" in
${words.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _mplus mplus
`;
}

function fish(places: Place[]): string {
  const lines = places.flatMap(({ path, words }) => {
    const where =
      path.length === 0
        ? "__fish_use_subcommand"
        : path.map((word) => `__fish_seen_subcommand_from ${word}`).join("; and ");
    return words.map(({ word, description }) => {
      const given = word.startsWith("--") ? `-l ${word.slice(2)}` : `-a ${word}`;
      return `complete -c mplus -n '${where}' ${given} -d '${description.replaceAll("'", "\\'")}'`;
    });
  });
  return `${lines.join("\n")}\n`;
}
