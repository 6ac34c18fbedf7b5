import { type DeliverSm, esmClass, readUserData } from "@messaging-plus/smpp";
import { decodeParts, readNationalLanguage } from "../../inbound/decode.ts";
import { printLines } from "../output.ts";

/** Prints an event as a line of JSON or of text. */
export type Say = (event: Record<string, unknown>, text: string) => void;

/** @param json whether lines of JSON are wanted */
export function sayer(json: boolean | undefined): Say {
  return (event, text) => {
    const at = new Date().toISOString();
    printLines([json === true ? JSON.stringify({ at, ...event }) : `${at.slice(11, 19)}  ${text}`]);
  };
}

/** The text of a submit_sm or deliver_sm, for people. @param body its octets, in either field */
export function textOf({ esm_class, data_coding }: Pick<DeliverSm, "esm_class" | "data_coding">, body: Buffer): string {
  const userData = (esm_class & esmClass.UDHI) === 0 ? undefined : readUserData(body);
  const coded = { dataCoding: data_coding, octets: userData?.text ?? body };
  return decodeParts([readNationalLanguage(coded, userData?.elements ?? [])]);
}
