import { countSeptets, septetCost } from "../../../server/src/message/gsm.ts";
import { countParts } from "../../../server/src/message/segment.ts";
import { countText } from "../parts/values.tsx";

/** The characters that make a text UCS-2, each once, the first few. */
function beyondGsm(text: string): string[] {
  const found = new Set([...text].filter((character) => septetCost(character.codePointAt(0)!) === 0));
  return [...found].slice(0, 8);
}

/** How many parts a text is sent and counted as, and in which alphabet: by the server's own rules. */
export function TextCount({ text }: { text: string }) {
  if (text === "") return <>Nothing yet.</>;
  const gsm = countSeptets(text) >= 0;
  return (
    <>
      <b>{countText(countParts(text), "part")}</b>, {gsm ? "GSM 7-bit" : "UCS-2"},{" "}
      {gsm ? countText(countSeptets(text), "septet") : countText(text.length, "code unit")}.
      {!gsm && (
        <>
          {" "}
          Not in the GSM alphabet:{" "}
          {beyondGsm(text).map((character) => (
            <code key={character}>{character}</code>
          ))}
        </>
      )}
    </>
  );
}
