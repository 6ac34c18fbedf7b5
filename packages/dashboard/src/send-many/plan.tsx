import { useMe } from "../api/me.ts";
import { countText, numberText } from "../parts/values.tsx";

interface PlanProps {
  messages: number;
  /** Of all messages. */
  parts: number;
}

/** The messages, parts and credits of a send. */
export function Plan({ messages, parts }: PlanProps) {
  const { account } = useMe();
  const short = account?.priced === true && parts > account.credits;
  return (
    <p class={short ? "problem" : ""}>
      {countText(messages, "message")}, <b>{countText(parts, "part")}</b> in all
      {account?.priced === true
        ? `, for ${countText(parts, "credit")} of ${numberText(account.credits)}.`
        : ", for no credits."}
      {short && " The account has too few, unless it may overdraw."}
    </p>
  );
}
