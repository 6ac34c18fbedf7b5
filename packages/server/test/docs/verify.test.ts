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
   * The program: the page's words, and a main that reads webhooks, one a line: the secret, the header fields by name, and the
   * body in base64, a tab between them. Of each it prints a line: "true", or of an error of the page's type "refused: " and
   * its message. Anything else ends it.
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
import { createInterface } from "node:readline";
for await (const line of createInterface({ input: process.stdin })) {
  const [secret, headers, packed] = line.split("\\t");
  const body = Buffer.from(packed, "base64");
  try {
    verify(secret, JSON.parse(headers), body.toString() === "PARSED" ? {} : body);
    console.log(true);
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error;
    console.log("refused: " + error.message);
  }
}`,
    },
    run: [process.execPath, "verify.mjs"],
  },
  {
    name: "Python",
    version: ["python3", "--version"],
    files: {
      "verify.py": `${block("python")}
import base64, json, sys
for line in sys.stdin:
    secret, headers, packed = line.rstrip("\\n").split("\\t")
    body = base64.b64decode(packed)
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
foreach (file('php://stdin', FILE_IGNORE_NEW_LINES) as $line) {
    [$secret, $headers, $packed] = explode("\\t", $line);
    $body = base64_decode($packed);
    try {
        verify($secret, json_decode($headers, true), $body === 'PARSED' ? [] : $body);
        echo "true\\n";
    } catch (WebhookError $error) {
        echo 'refused: ', $error->getMessage(), "\\n";
    }
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
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"verify/webhook"
)

func main() {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		parts := strings.Split(lines.Text(), "\\t")
		fields := map[string]string{}
		if err := json.Unmarshal([]byte(parts[1]), &fields); err != nil {
			panic(err)
		}
		header := http.Header{}
		for name, value := range fields {
			header.Set(name, value)
		}
		body, err := base64.StdEncoding.DecodeString(parts[2])
		if err != nil {
			panic(err)
		}
		if string(body) == "PARSED" {
			body = nil
		}
		err = webhook.Verify(parts[0], header, body)
		var refusal webhook.Error
		if err == nil {
			fmt.Println("true")
		} else if errors.As(err, &refusal) {
			fmt.Println("refused:", refusal)
		} else {
			panic(err)
		}
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
        for (String line : new String(System.in.readAllBytes()).split("\\n")) {
            String[] parts = line.split("\\t", -1);
            byte[] body = java.util.Base64.getDecoder().decode(parts[2]);
            try {
                WebhookVerifier.verify(
                        parts[0],
                        field(parts[1], "webhook-id"),
                        field(parts[1], "webhook-timestamp"),
                        field(parts[1], "webhook-signature"),
                        new String(body).equals("PARSED") ? new byte[0] : body);
                System.out.println("true");
            } catch (WebhookVerifier.WebhookException error) {
                System.out.println("refused: " + error.getMessage());
            }
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
  interface Webhook {
    secret: string;
    at?: number;
    /** The body that comes, where it is another than was signed. */
    body?: string;
    /** Header fields in place of those that it is signed with. */
    headers?: Record<string, string | undefined>;
  }
  /** The program's answers, by the webhooks' names; all of them in one run. */
  function verified(webhooks: Record<string, Webhook>): Record<string, string> {
    const lines = Object.values(webhooks).map(({ secret: given, at = now, body: sent = body, headers }) => {
      const signed = signatureHeaders({
        id: "01900000-0000-7000-8000-000000000001",
        timestampSeconds: at,
        body,
        secrets: [other, secret],
      });
      const fields = JSON.stringify({ ...signed, ...headers });
      return `${given}\t${fields}\t${Buffer.from(sent).toString("base64")}\n`;
    });
    const { stdout, stderr } = spawnSync(command!, args, {
      cwd,
      input: lines.join(""),
      encoding: "utf8",
      env: { ...process.env, GOCACHE: join(folder, "cache"), GOFLAGS: "-mod=mod", GOTOOLCHAIN: "local" },
    });
    const said = stdout.split("\n");
    return Object.fromEntries(Object.keys(webhooks).map((name, index) => [name, said[index] || stderr]));
  }

  test("either of two secrets verifies what is signed with both; another, another body or an old one does not", () => {
    expect(
      verified({
        older: { secret },
        newer: { secret: other },
        another: { secret: newSecret() },
        body: { secret, body: `${body} ` },
        old: { secret, at: now - 600 },
      }),
    ).toEqual({
      older: "true",
      newer: "true",
      another: expect.stringMatching(/^refused: no signature matches: is it this account's secret/),
      body: expect.stringMatching(/^refused: no signature matches/),
      old: expect.stringMatching(/^refused: the webhook is an old copy/),
    });
  });

  test("a parsed body, a missing header and a garbled one are errors of the page's type that say what to do", () => {
    const saying = (words: string) => expect.stringMatching(new RegExp(`^refused: .*${words}.*: pass `)) as string;
    expect(
      verified({
        parsed: { secret, body: "PARSED" },
        empty: { secret, body: "" },
        unsigned: { secret, headers: { "webhook-signature": undefined } },
        untimed: { secret, headers: { "webhook-timestamp": undefined } },
        garbled: { secret, headers: { "webhook-signature": "v1,nonsense v2,x" } },
        soon: { secret, headers: { "webhook-timestamp": "soon" } },
      }),
    ).toEqual({
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
