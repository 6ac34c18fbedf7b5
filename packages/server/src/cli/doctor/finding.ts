/** One sentence about an installation. */
export interface Finding {
  /** `fault`: something does not work, or will not. `warning`: it works, and should be mended. `note`: not judged. */
  level: "ok" | "note" | "warning" | "fault";
  about: "node" | "configuration" | "files" | "program" | "port" | "database" | "clock" | "disk" | "keys" | "carriers";
  message: string;
}
