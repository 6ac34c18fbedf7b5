import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Rejected } from "../../runtime/errors.ts";
import type { AppOptions } from "../context.ts";

/** Neither frames nor forms of others, and no base that turns its links elsewhere. */
const CLOSED = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";
const HTML_TYPE = "text/html; charset=utf-8";
const NOSNIFF = { "x-content-type-options": "nosniff" };
/** Names of pages and pictures of the build. No such name leads out of the folder. */
const PAGE = /^[\w-]+(?:\/[\w-]+)*$/;
const PICTURE = /^images\/[\w-]+\.png$/;
const NO_PAGE = "There is no such page; /docs/guides has the guides.";

/**
 * `GET /openapi.json` and `GET /docs`, the pages of the documentation below it, and the way there from `/`; without a key.
 * @param folder where the build has these pages
 */
export function referenceRoutes(
  app: FastifyInstance,
  options: AppOptions,
  folder = fileURLToPath(new URL("docs", import.meta.url)),
): void {
  app.get("/", (_request, reply) => reply.redirect("docs"));

  app.get("/openapi.json", async (request, reply) => {
    return sendUnlessHad(request, reply, "application/json; charset=utf-8", await options.reference.openApi());
  });

  app.get("/docs", async (request, reply) => {
    const page = await options.reference.page();
    // It loads nothing, searches the guides, and tries requests, of this server alone.
    reply.header("content-security-policy", `${policyOf(page)}; connect-src 'self'; img-src data:; ${CLOSED}`);
    const { carriers } = options.config;
    const simulated = carriers.length > 0 && carriers.every(({ type }) => type === "simulator");
    const told = simulated ? page.replace("<html ", "<html data-simulated ") : page;
    return sendUnlessHad(request, reply.headers(NOSNIFF), HTML_TYPE, told);
  });

  app.get<{ Params: { "*": string } }>("/docs/*", async (request, reply) => {
    const name = request.params["*"].replace(/\/$/, "");
    reply.headers(NOSNIFF);
    if (name === "search.json") {
      const text = await fileOf(folder, name);
      return sendUnlessHad(request, reply, "application/json; charset=utf-8", text);
    }
    if (PICTURE.test(name)) return sendUnlessHad(request, reply, "image/png", await fileOf(folder, name));
    if (!PAGE.test(name)) throw new Rejected("not-found", NO_PAGE);
    if (FOLDERS.includes(name)) {
      const isInside = new URL(request.url, "http://127.0.0.1").pathname.endsWith("/");
      return reply.redirect(isInside ? "index" : `${name.split("/").at(-1)}/index`);
    }
    const page = await fileOf(folder, `${name}.html`);
    reply.header("content-security-policy", `${policyOf(String(page))}; img-src 'self' data:; ${CLOSED}`);
    return sendUnlessHad(request, reply, HTML_TYPE, page);
  });
}

/** Folders of the documentation that have a page of their own. */
const FOLDERS = ["guides", "carriers", "operating"];

/** @throws Rejected `not-found` */
async function fileOf(folder: string, name: string): Promise<Buffer> {
  try {
    return await readFile(join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw new Rejected("not-found", NO_PAGE);
    throw error;
  }
}

const hash = (text: string | Buffer): string => createHash("sha256").update(text).digest("base64");

/** Allows the styles and scripts that are in the page itself, each by its hash, and nothing else. */
function policyOf(page: string): string {
  const allowed = (element: string): string => {
    const texts = [...page.matchAll(new RegExp(`<${element}>(.*?)</${element}>`, "gs"))].map(
      ([, text]) => text as string,
    );
    const hashes = texts.map((text) => ` 'sha256-${hash(text)}'`).join("");
    return hashes === "" ? "" : `; ${element}-src${hashes}`;
  };
  return `default-src 'none'${allowed("style")}${allowed("script")}`;
}

/** 304 to a caller who has it (RFC 9110 §13.1.2). */
export function sendUnlessHad(
  request: FastifyRequest,
  reply: FastifyReply,
  type: string,
  content: string | Buffer,
): FastifyReply {
  const etag = `"${createHash("sha256").update(content).digest("base64url")}"`;
  reply.header("etag", etag).header("cache-control", "no-cache");
  if (request.headers["if-none-match"]?.includes(etag)) return reply.code(304).send();
  return reply.type(type).send(content);
}
