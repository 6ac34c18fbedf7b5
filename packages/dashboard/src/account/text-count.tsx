import { countSeptets, septetCost } from "../../../server/src/message/gsm.ts";
import { countParts } from "../../../server/src/message/segment.ts";
import { fewestParts, languagesTo } from "../../../server/src/message/shift.ts";
import { useAnswer } from "../api/use-api.ts";
import { countText } from "../parts/values.tsx";

/** The characters that make a text UCS-2, each once, the first few. */
function beyondGsm(text: string): string[] {
  const found = new Set([...text].filter((character) => septetCost(character.codePointAt(0)!) === 0));
  return [...found].slice(0, 8);
}

/** How many parts a text to a number is sent and counted as, and in which alphabet: by the server's own rules. */
export function TextCount({ text, to }: { text: string; to: string }) {
  const { answer } = useAnswer((api, { signal }) => api.messages.nationalLanguages({ signal }));
  if (text === "") return <>Nothing yet.</>;
  const gsm = countSeptets(text) >= 0;
  const parts = countParts(text);
  const languages = gsm ? [] : languagesTo(to.replace(/^\+/, ""), answer?.routes ?? []);
  const national = fewestParts(text, languages, parts);
  if (national !== null) {
    const { language, single, locking } = national.shift;
    const tables = [single > 0 && "single shift", locking > 0 && "locking shift"].filter(Boolean).join(" and ");
    return (
      <>
        <b>{countText(national.parts, "part")}</b>, GSM 7-bit in {language.charAt(0).toUpperCase() + language.slice(1)}{" "}
        ({tables}).
      </>
    );
  }
  return (
    <>
      <b>{countText(parts, "part")}</b>, {gsm ? "GSM 7-bit" : "UCS-2"},{" "}
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
