import { Counter, Gauge, type Registry } from "prom-client";

/** The metrics of the SMPP server, with the names of statuses in SMPP 3.4 §5.1.3. */
export interface SmppServerMetrics {
  bind(status: string): void;
  submit(status: string): void;
  /** @param outcome a status, or `unanswered` */
  delivery(outcome: string): void;
}

/** @param binds the number of present binds, by kind */
export function smppServerMetrics(registry: Registry, binds: () => Record<string, number>): SmppServerMetrics {
  const registers = [registry];
  const counter = (name: string, help: string, label: string) => {
    const made = new Counter({ name, help, labelNames: [label], registers });
    return (value: string) => made.inc({ [label]: value });
  };
  new Gauge({
    name: "mplus_smpp_server_binds",
    help: "Binds of customers now, by kind",
    labelNames: ["kind"],
    registers,
    collect() {
      this.reset();
      for (const [kind, count] of Object.entries(binds())) this.set({ kind }, count);
    },
  });
  return {
    bind: counter("mplus_smpp_server_bind_requests_total", "Binds that customers asked for, by status", "status"),
    submit: counter("mplus_smpp_server_submits_total", "Submits of customers, by the status of the answer", "status"),
    delivery: counter(
      "mplus_smpp_server_deliveries_total",
      "Receipts and inbound messages sent to customers, by what came of them",
      "outcome",
    ),
  };
}
