import type { InboundMessage } from "@messaging-plus/sdk";

/**
 * The text of an inbound message; a description of a file or a location, which have none. The fields of `rcs` are the
 * platform's: any may be missing.
 */
export function inboundWords({ message, rcs }: InboundMessage): string {
  switch (rcs?.type) {
    case "file": {
      const { fileName, mimeType, fileUri } = Object(rcs.payload);
      return `File: ${shown(fileName)} (${shown(mimeType)}), ${shown(fileUri)}`;
    }
    case "location":
      return `Location: ${shown(rcs.latitude)}, ${shown(rcs.longitude)}`;
    default:
      return message;
  }
}

function shown(field: unknown): string {
  return typeof field === "string" ? field : (JSON.stringify(field) ?? "–");
}
