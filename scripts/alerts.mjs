// Checks what deploy/ has for Prometheus and Grafana, with a real Prometheus beside a running program: the rules and their
// tests, the form of the metrics, that a Prometheus loads the rules and an alert comes, and that it answers every query of
// the dashboard. Not part of the tests: apt-get install prometheus.
//
// npm run alerts
import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environment, freePort, isInstalled, launch, temporaryFolder, trial, until } from "./servers.mjs";

const root = join(import.meta.dirname, "..");
const deploy = join(root, "deploy");
const folder = temporaryFolder(join(tmpdir(), "mplus-alerts-"));
const mplus = join(root, "packages/server/bin/mplus.js");

if (!isInstalled("promtool") || !isInstalled("prometheus")) {
  console.error("promtool and prometheus are not installed: apt-get install prometheus");
  process.exit(1);
}

/** Metrics without a value where no customer binds and no handset writes. */
const NOT_HERE = /mplus_smpp_server_|mplus_inbound_/;

function promtool(args, input) {
  const { status, stdout, stderr } = spawnSync("promtool", args, { input, env: environment, encoding: "utf8" });
  if (status !== 0) throw new Error(`promtool ${args.join(" ")}:\n${stdout}${stderr}`);
  console.log(`promtool ${args.slice(0, 2).join(" ")}: passed`);
}

/** The queries of every panel and variable, with the variables' values put in. */
function queries() {
  const { panels, templating } = JSON.parse(readFileSync(join(deploy, "grafana-dashboard.json"), "utf8"));
  const variables = templating.list.map(({ definition }) => /^label_values\((.+), \w+\)$/.exec(definition)?.[1]);
  const exprs = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  return [...exprs, ...variables.filter(Boolean)].map((expr) =>
    expr.replaceAll("$instance", ".*").replaceAll("$__rate_interval", "1m"),
  );
}

/** A Prometheus that scrapes the program, with everything a second apart. */
async function startPrometheus(target) {
  const config = readFileSync(join(deploy, "prometheus.yml"), "utf8")
    .replace("scrape_interval: 15s", "scrape_interval: 1s\n  evaluation_interval: 1s")
    .replace("127.0.0.1:8080", target);
  writeFileSync(join(folder, "prometheus.yml"), config);
  copyFileSync(join(deploy, "prometheus-rules.yml"), join(folder, "prometheus-rules.yml"));
  const port = await freePort();
  const listen = `--web.listen-address=127.0.0.1:${port}`;
  const args = [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/series`, listen];
  const server = launch("prometheus", args, { cwd: folder });
  const ask = async (path) => (await (await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)).json()).data;
  return { ...server, ask };
}

async function lookWith(url) {
  promtool(["check", "metrics"], await (await fetch(`${url}/metrics`)).text());
  const prometheus = await startPrometheus(new URL(url).host);
  try {
    const scraped = async () => {
      const targets = await prometheus.ask("targets").catch(() => null);
      return targets?.activeTargets.every(({ health }) => health === "up") && targets.activeTargets.length > 0;
    };
    await until(`a scrape\n${prometheus.output()}`, scraped);
    const alert = async (name) => {
      const { alerts } = await prometheus.ask("alerts");
      return alerts.find(({ labels, state }) => labels.alertname === name && state === "pending");
    };
    const { labels } = await until("an alert of the carrier that is down", () => alert("MplusCarrierDown"));
    console.log(`prometheus: MplusCarrierDown of ${labels.carrier} is on its way`);
    const { groups } = await prometheus.ask("rules");
    const ill = groups.flatMap(({ rules }) => rules).filter(({ health }) => health !== "ok");
    if (ill.length > 0) throw new Error(`rules that do not work: ${JSON.stringify(ill)}`);
    const values = async (query) => {
      const answer = await prometheus.ask(`query?query=${encodeURIComponent(query)}`);
      if (answer === undefined) throw new Error(`prometheus refuses ${query}`);
      return answer.result.length;
    };
    await until("a second scrape", () => values("rate(mplus_messages_accepted_total[1m])"));
    for (const query of queries()) {
      if ((await values(query)) === 0 && !NOT_HERE.test(query)) throw new Error(`no value: ${query}`);
    }
    console.log(`prometheus: answers the ${queries().length} queries of the dashboard`);
  } finally {
    await prometheus.stop();
  }
}

try {
  promtool(["check", "rules", join(deploy, "prometheus-rules.yml")]);
  promtool(["test", "rules", join(deploy, "prometheus-rules.test.yml")]);
  promtool(["check", "config", "--syntax-only", join(deploy, "prometheus.yml")]);
  const carriers = [
    { id: "simulator", type: "simulator" },
    { id: "acme", type: "smpp", host: "127.0.0.1", port: 1, systemId: "me" },
  ];
  writeFileSync(join(folder, "messaging-plus.json"), JSON.stringify({ carriers }), { mode: 0o600 });
  await trial(folder, [process.execPath, mplus, "serve"], { meanwhile: lookWith });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
