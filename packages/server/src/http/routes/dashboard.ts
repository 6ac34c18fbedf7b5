import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { FastifyInstance } from "fastify";
import { Rejected } from "../../runtime/errors.ts";
import { sendUnlessHad } from "./reference.ts";

/** The page loads its own files and asks its own server; it may do nothing else. */
const OWN_SERVER_ALONE =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";
/** File names of the build, with a hash of the content. No such name leads out of the folder. */
const ASSET = /^[\w-]+\.(js|css)$/;
const TYPES = { js: "text/javascript; charset=utf-8", css: "text/css; charset=utf-8" };
const NOSNIFF = { "x-content-type-options": "nosniff" };
const NOT_BUILT =
  "The dashboard was not built here: npm run build, in a checkout with its packages installed, builds it.";
const NO_FILE = "The dashboard has no such file; an earlier version of it may have had.";

/**
 * `GET /dashboard` and its files, without a key: the page asks for one. They are read with each request, which is rare, and
 * not kept in memory.
 * @param findFolder the folder of the files
 */
export function dashboardRoutes(app: FastifyInstance, findFolder = builtFolder): void {
  app.get("/dashboard", async (request, reply) => {
    const page = await textOf(findFolder, "index.html", NOT_BUILT);
    reply.headers({ ...NOSNIFF, "content-security-policy": OWN_SERVER_ALONE, "referrer-policy": "no-referrer" });
    return sendUnlessHad(request, reply, "text/html; charset=utf-8", page);
  });

  app.get<{ Params: { file: string } }>("/dashboard/assets/:file", async (request, reply) => {
    const { file } = request.params;
    const kind = ASSET.exec(file)?.[1] as keyof typeof TYPES | undefined;
    if (kind === undefined) throw new Rejected("not-found", NO_FILE);
    const text = await textOf(findFolder, `assets/${file}`, NO_FILE);
    reply.headers({ ...NOSNIFF, "cache-control": "public, max-age=31536000, immutable" });
    return reply.type(TYPES[kind]).send(text);
  });
}

function builtFolder(): string {
  const packageFile = createRequire(import.meta.url).resolve("@messaging-plus/dashboard/package.json");
  return join(dirname(packageFile), "dist");
}

/** @throws Rejected `not-found` if the package or its file is missing */
async function textOf(findFolder: () => string, path: string, missing: string): Promise<string> {
  try {
    return await readFile(join(findFolder(), path), "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "MODULE_NOT_FOUND") throw new Rejected("not-found", missing);
    throw error;
  }
}
