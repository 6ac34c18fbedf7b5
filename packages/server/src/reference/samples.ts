import type { Holder, Operation } from "./operation.ts";

/** Where a server listens that was not told otherwise. */
export const ORIGIN = "http://127.0.0.1:8080";

/** The words that stand for keys in examples. */
export const KEYS = { account: "ACCOUNT_KEY", organization: "ORGANIZATION_KEY", operator: "OPERATOR_KEY" } as const;

/** A request as the examples of every language have it. */
interface SampleRequest {
  method: string;
  /** With the parameters that have an example. */
  url: string;
  key: (typeof KEYS)[Holder] | null;
  /** To be written as JSON; undefined where there is none. */
  body: unknown;
  /** Whether the answer is JSON. */
  json: boolean;
}

/** The languages of the examples, in the order in which they are offered, with the names that OpenAPI's renderers know. */
export const LANGUAGES = {
  curl: { lang: "Shell", write: curl },
  JavaScript: { lang: "JavaScript", write: javaScript },
  Python: { lang: "Python", write: python },
  PHP: { lang: "PHP", write: php },
} as const;

export type Language = keyof typeof LANGUAGES;

/** A request of the operation in a language; `body` is one of its examples. */
export function sample(language: Language, operation: Operation, body?: unknown): string {
  const { method, path, key, pathParameters = {}, words = {}, answer } = operation;
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encoded(pathParameters[name]?.example ?? name));
  const query = (method === "GET" ? Object.entries(words) : []).flatMap(([name, { example }]) =>
    example === undefined ? [] : [`${name}=${encodeURIComponent(example)}`],
  );
  return LANGUAGES[language].write({
    method,
    url: `${ORIGIN}${filled}${query.length === 0 ? "" : `?${query.join("&")}`}`,
    key: key === null ? null : KEYS[key === "any" ? "account" : key === "manager" ? "organization" : key],
    body,
    json: answer.type === undefined,
  });
}

/** A plus needs no encoding in a path. */
const encoded = (name: string): string => encodeURIComponent(name).replaceAll("%2B", "+");

function curl({ method, url, key, body }: SampleRequest): string {
  const [path, query] = url.split("?");
  const parameters = [...(key === null ? [] : [`key=${key}`]), ...(query === undefined ? [] : [query])].join("&");
  const verb = method === (body === undefined ? "GET" : "POST") ? "" : `-X ${method} `;
  const data = body === undefined ? "" : ` -d '${JSON.stringify(body, null, 2).replaceAll("'", "'\\''")}'`;
  return `curl ${verb}'${path}${parameters === "" ? "" : `?${parameters}`}'${data}`;
}

function javaScript({ method, url, key, body, json }: SampleRequest): string {
  const headers = [
    ...(key === null ? [] : [`authorization: "Bearer ${key}"`]),
    ...(body === undefined ? [] : [`"content-type": "application/json"`]),
  ];
  const options = [
    ...(method === "GET" ? [] : [`method: "${method}"`]),
    ...(headers.length === 0 ? [] : [`headers: { ${headers.join(", ")} }`]),
    ...(body === undefined ? [] : [`body: JSON.stringify(${indented(JSON.stringify(body, null, 2))})`]),
  ];
  const given = options.length === 0 ? "" : `, {\n${options.map((option) => `  ${option},\n`).join("")}}`;
  return `const response = await fetch("${url}"${given});
if (!response.ok) throw new Error(await response.text());
console.log(await response.${json ? "json" : "text"}());`;
}

function python({ method, url, key, body, json }: SampleRequest): string {
  const headers = [
    ...(key === null ? [] : [`"Authorization": "Bearer ${key}"`]),
    ...(body === undefined ? [] : [`"Content-Type": "application/json"`]),
  ];
  const given = [
    ...(body === undefined ? [] : ["data=json.dumps(body).encode()"]),
    ...(headers.length === 0 ? [] : [`headers={${headers.join(", ")}}`]),
    ...(method === "GET" ? [] : [`method="${method}"`]),
  ];
  const imports = body !== undefined || json ? "import json\n" : "";
  return `${imports}from urllib.request import Request, urlopen

${body === undefined ? "" : `body = ${pythonLiteral(body)}\n`}request = Request(
    "${url}",
${given.map((one) => `    ${one},\n`).join("")})
with urlopen(request) as response:
    print(${json ? "json.load(response)" : "response.read().decode()"})`;
}

function php({ method, url, key, body, json }: SampleRequest): string {
  const headers = [
    ...(key === null ? [] : [`Authorization: Bearer ${key}`]),
    ...(body === undefined ? [] : ["Content-Type: application/json"]),
  ];
  const options = [
    `'method' => '${method}'`,
    ...(headers.length === 0 ? [] : [`'header' => [${headers.map((header) => `'${header}'`).join(", ")}]`]),
    ...(body === undefined ? [] : [`'content' => json_encode(${indented(phpLiteral(body), "    ")})`]),
  ];
  return `<?php
$context = stream_context_create(['http' => [
${options.map((option) => `    ${option},\n`).join("")}]]);
$answer = file_get_contents('${url}', false, $context);
if ($answer === false) {
    exit(1);
}
${json ? "print_r(json_decode($answer, true));" : "echo $answer;"}`;
}

/** Every line but the first further to the right. */
const indented = (text: string, margin = "  "): string => text.replaceAll("\n", `\n${margin}`);

function pythonLiteral(value: unknown): string {
  const text = JSON.stringify(value, null, 4);
  // Texts stay as they are: JSON's escapes are Python's.
  return text.replace(/"(?:[^"\\]|\\.)*"|\b(?:true|false|null)\b/g, (token) => PYTHON[token] ?? token);
}

const PYTHON: Record<string, string> = { true: "True", false: "False", null: "None" };

function phpLiteral(value: unknown): string {
  if (typeof value === "string") return `'${value.replace(/[\\']/g, "\\$&")}'`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const rows = Array.isArray(value)
    ? value.map(phpLiteral)
    : Object.entries(value).map(([name, inner]) => `${phpLiteral(name)} => ${phpLiteral(inner)}`);
  if (rows.length === 0) return Array.isArray(value) ? "[]" : "new stdClass()";
  return `[\n${rows.map((row) => `    ${indented(row, "    ")},\n`).join("")}]`;
}
