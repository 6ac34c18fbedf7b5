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
  /**
   * The program: the page's words, and a main that takes the secret and header fields by name, and the body as input. It prints
   * "true", or of an error of the page's type "refused: " and its message. Anything else ends it.
   */
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
const [secret, headers] = process.argv.slice(2);
const body = await buffer(process.stdin);
try {
  verify(secret, JSON.parse(headers), body.toString() === "PARSED" ? {} : body);
  console.log(true);
} catch (error) {
  if (!(error instanceof WebhookError)) throw error;
  console.log("refused: " + error.message);
}`,
    },
    run: [process.execPath, "verify.mjs"],
  },
  {
    name: "Python",
    version: ["python3", "--version"],
    files: {
      "verify.py": `${block("python")}
import json, sys
secret, headers = sys.argv[1:]
body = sys.stdin.buffer.read()
try:
    verify(secret, json.loads(headers), {} if body == b"PARSED" else body)
    print("true")
except WebhookError as error:
    print("refused:", error)`,
    },
    run: ["python3", "verify.py"],
  },
  {
    name: "PHP",
    version: ["php", "--version"],
    files: {
      "verify.php": `${block("php")}
[, $secret, $headers] = $argv;
$body = file_get_contents('php://stdin');
try {
    verify($secret, json_decode($headers, true), $body === 'PARSED' ? [] : $body);
    echo 'true';
} catch (WebhookError $error) {
    echo 'refused: ', $error->getMessage();
}`,
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
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"verify/webhook"
)

func main() {
	fields := map[string]string{}
	if err := json.Unmarshal([]byte(os.Args[2]), &fields); err != nil {
		panic(err)
	}
	header := http.Header{}
	for name, value := range fields {
		header.Set(name, value)
	}
	body, _ := io.ReadAll(os.Stdin)
	if string(body) == "PARSED" {
		body = nil
	}
	err := webhook.Verify(os.Args[1], header, body)
	var refusal webhook.Error
	if err == nil {
		fmt.Println("true")
	} else if errors.As(err, &refusal) {
		fmt.Println("refused:", refusal)
	} else {
		panic(err)
	}
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
    static String field(String headers, String name) {
        char quote = '"';
        int at = headers.indexOf(quote + name + quote + ":" + quote);
        int from = at + name.length() + 4;
        return at < 0 ? null : headers.substring(from, headers.indexOf(quote, from));
    }

    public static void main(String[] a) throws Exception {
        byte[] body = System.in.readAllBytes();
        try {
            WebhookVerifier.verify(
                    a[0],
                    field(a[1], "webhook-id"),
                    field(a[1], "webhook-timestamp"),
                    field(a[1], "webhook-signature"),
                    new String(body).equals("PARSED") ? new byte[0] : body);
            System.out.println("true");
        } catch (WebhookVerifier.WebhookException error) {
            System.out.println("refused: " + error.getMessage());
        }
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
  const verified = (given: string, { at = now, body: sent = body, ...changed }: Record<string, unknown> = {}) => {
    const headers = signatureHeaders({
      id: "01900000-0000-7000-8000-000000000001",
      timestampSeconds: at as number,
      body,
      secrets: [other, secret],
    });
    const ended = spawnSync(command!, [...args, given, JSON.stringify({ ...headers, ...changed })], {
      cwd,
      input: sent as string,
      encoding: "utf8",
      env: { ...process.env, GOCACHE: join(folder, "cache"), GOFLAGS: "-mod=mod", GOTOOLCHAIN: "local" },
    });
    return ended.stdout.trim() || ended.stderr;
  };

  test("either of two secrets verifies what is signed with both; another, another body or an old one does not", () => {
    expect({ older: verified(secret), newer: verified(other) }).toEqual({ older: "true", newer: "true" });
    const refused = {
      another: verified(newSecret()),
      body: verified(secret, { body: `${body} ` }),
      old: verified(secret, { at: now - 600 }),
    };
    expect(refused).toEqual({
      another: expect.stringMatching(/^refused: no signature matches: is it this account's secret/),
      body: expect.stringMatching(/^refused: no signature matches/),
      old: expect.stringMatching(/^refused: the webhook is an old copy/),
    });
  });

  test("a parsed body, a missing header and a garbled one are errors of the page's type that say what to do", () => {
    const refused = {
      parsed: verified(secret, { body: "PARSED" }),
      empty: verified(secret, { body: "" }),
      unsigned: verified(secret, { "webhook-signature": undefined }),
      untimed: verified(secret, { "webhook-timestamp": undefined }),
      garbled: verified(secret, { "webhook-signature": "v1,nonsense v2,x" }),
      soon: verified(secret, { "webhook-timestamp": "soon" }),
    };
    const saying = (words: string) => expect.stringMatching(new RegExp(`^refused: .*${words}.*: pass `)) as string;
    expect(refused).toEqual({
      parsed: saying("read before"),
      empty: saying("read before"),
      unsigned: saying("-signature.* is missing"),
      untimed: saying("-timestamp.* is missing"),
      garbled: saying("webhook-signature is garbled"),
      soon: saying("webhook-timestamp is garbled"),
    });
  });
});

test("the page has five languages", () => {
  expect([...blocks.keys()].filter((info) => ["js", "python", "php", "go", "java"].includes(info))).toHaveLength(5);
});
