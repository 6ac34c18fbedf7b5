/** The end of support of Node.js lines that the program runs on (the schedule of github.com/nodejs/Release). */
const ENDED: Record<string, string> = { 20: "30 April 2026" };

/** A notice about this version of Node.js; null without one. @param version as in `process.versions.node` */
export function nodeReleaseNotice(version: string): string | null {
  const [line = ""] = version.split(".");
  const end = ENDED[line];
  if (end === undefined) return null;
  return `Node.js ${version} gets no more security fixes: support of line ${line} ended on ${end}; the program runs on 22 and 24 too`;
}
