import { queryFaults } from "../query.ts";

/** RFC 4180 §3. */
export const CSV = { "content-type": "text/csv; charset=utf-8; header=present" } as const;
export const FORMATS = ["json", "csv"] as const;

/** The form in `?format=`. @throws Rejected `invalid-request` */
export function readFormat(format: string | undefined): (typeof FORMATS)[number] {
  if (format === undefined || format === "json") return "json";
  if (format === "csv") return "csv";
  const faults = [{ path: "?format", message: `must be one of ${FORMATS.join(", ")}` }];
  throw queryFaults(...faults);
}
