import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { newSecretKey, secretText } from "../../src/message/webhook-secret.ts";
import { signatureHeaders } from "../../src/notify/sign.ts";
import { blocksOf } from "./example.ts";
import { page } from "./page.ts";

/** The verifiers of docs/guides/verify.md against what the program signs, for each language that this machine runs. */
const folder = mkdtempSync(join(tmpdir(), "mplus-verify-"));
afterAll(() => rmSync(folder, { recursive: true }));
const blocks = new Map(blocksOf(page("docs/guides/verify.md")).map(({ info, text }) => [info, text]));
const block = (language: string): string => blocks.get(language) as string;

interface Language {
  name: string;
  /** What tells whether it is there. */
  version: string[];
  /** The program: the page's words, and a main that takes secret, id, timestamp and signatures, and the body as input. */
  files: Record<string, string>;
  run: string[];
}

const LANGUAGES: Language[] = [
  {
    name: "JavaScript",
    version: [process.execPath, "--version"],
    files: {
      "verify.mjs": `${block("js")}
import { buffer } from "node:stream/consumers";
const [secret, id, timestamp, signature] = process.argv.slice(2);
const headers = { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature };
console.log(verify(secret, headers, await buffer(process.stdin)));`,
    },
    run: [process.execPath, "verify.mjs"],
  },
  {
    name: "Python",
    version: ["python3", "--version"],
    files: {
      "verify.py": `${block("python")}
import sys
secret, id, timestamp, signature = sys.argv[1:]
headers = {"webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature}
print(str(verify(secret, headers, sys.stdin.buffer.read())).lower())`,
    },
    run: ["python3", "verify.py"],
  },
  {
    name: "PHP",
    version: ["php", "--version"],
    files: {
      "verify.php": `${block("php")}
[, $secret, $id, $timestamp, $signature] = $argv;
$headers = ['webhook-id' => $id, 'webhook-timestamp' => $timestamp, 'webhook-signature' => $signature];
echo var_export(verify($secret, $headers, file_get_contents('php://stdin')), true);`,
    },
    run: ["php", "verify.php"],
  },
  {
    name: "Go",
    version: ["go", "version"],
    files: {
      "go.mod": "module verify\n\ngo 1.19\n",
      "webhook/verify.go": block("go"),
      "main.go": `package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"verify/webhook"
)

func main() {
	header := http.Header{}
	header.Set("webhook-id", os.Args[2])
	header.Set("webhook-timestamp", os.Args[3])
	header.Set("webhook-signature", os.Args[4])
	body, _ := io.ReadAll(os.Stdin)
	fmt.Println(webhook.Verify(os.Args[1], header, body))
}
`,
    },
    run: ["go", "run", "."],
  },
  {
    name: "Java",
    version: ["java", "-version"],
    files: {
      // The first class of a file is the one that is run.
      "Main.java": block("java").replace(
        "class WebhookVerifier",
        `class Main {
    public static void main(String[] a) throws Exception {
        System.out.println(WebhookVerifier.verify(a[0], a[1], a[2], a[3], System.in.readAllBytes()));
    }
}

class WebhookVerifier`,
      ),
    },
    run: ["java", "Main.java"],
  },
];

const isThere = ({ version: [command, ...args] }: Language) => spawnSync(command!, args).status === 0;

describe.each(LANGUAGES.filter(isThere))("in $name", ({ name, files, run: [command, ...args] }) => {
  const cwd = mkdtempSync(join(folder, name));
  for (const [file, text] of Object.entries(files)) {
    const path = join(cwd, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const newSecret = () => secretText(newSecretKey());
  const [secret, other] = [newSecret(), newSecret()];
  const now = Math.floor(Date.now() / 1_000);
  const body = '{"message":"Grüße ✓"}';
  const verified = (given: string, { at = now, body: sent = body } = {}) => {
    const headers = signatureHeaders({
      id: "01900000-0000-7000-8000-000000000001",
      timestampSeconds: at,
      body,
      secrets: [other, secret],
    }) as Record<string, string>;
    const values = [given, ...["id", "timestamp", "signature"].map((field) => headers[`webhook-${field}`] as string)];
    const ended = spawnSync(command!, [...args, ...values], {
      cwd,
      input: sent,
      encoding: "utf8",
      env: { ...process.env, GOCACHE: join(folder, "cache"), GOFLAGS: "-mod=mod", GOTOOLCHAIN: "local" },
    });
    return ended.stdout.trim() || ended.stderr;
  };

  test("either of two secrets verifies what is signed with both; another, another body or an old one does not", () => {
    expect({ older: verified(secret), newer: verified(other) }).toEqual({ older: "true", newer: "true" });
    expect(verified(newSecret())).toBe("false");
    expect(verified(secret, { body: `${body} ` })).toBe("false");
    expect(verified(secret, { at: now - 600 })).toBe("false");
  });
});

test("the page has five languages", () => {
  expect([...blocks.keys()].filter((info) => ["js", "python", "php", "go", "java"].includes(info))).toHaveLength(5);
});
