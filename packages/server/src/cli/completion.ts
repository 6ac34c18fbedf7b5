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
  local place="" words="" word next
  for word in "\${COMP_WORDS[@]:1:$((COMP_CWORD - 1))}"; do
    next="\${place:+$place }$word"
    case "$next" in
      ${paths.join("|")}) place="$next" ;;
    esac
  done
  case "$place" in
${words.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _mplus mplus
`;
}

function fish(places: Place[]): string {
  const paths = places.filter(({ path }) => path.length > 0).map(({ path }) => `"${path.join(" ")}"`);
  const lines = places.flatMap(({ path, words }) => {
    const where = `-c mplus -n 'test (__mplus_place) = "${path.join(" ")}"'`;
    // A word that leads on is no file.
    const isLeaf = words.every(({ word }) => word.startsWith("--"));
    const own = words.map(({ word, description }) => {
      const given = word.startsWith("--") ? `-l ${word.slice(2)}` : `-a ${word}`;
      return `complete ${where} ${given} -d '${description.replaceAll("'", "\\'")}'`;
    });
    return isLeaf ? own : [`complete ${where} -f`, ...own];
  });
  return `function __mplus_place
  set -l place ""
  for word in (commandline -opc)[2..]
    set -l next (string trim -- "$place $word")
    contains -- "$next" ${paths.join(" ")}; and set place $next
  end
  echo "$place"
end
${lines.join("\n")}
`;
}
