import { Counter, Gauge, type Registry } from "prom-client";
import type { CarrierStatus } from "./carrier.ts";

/** The state of the carriers, read with each request for metrics. */
export function carrierMetrics(registry: Registry, carriers: () => CarrierStatus[]): void {
  const registers = [registry];
  const gauge = (name: string, help: string, figureOf: (carrier: CarrierStatus) => number): void => {
    new Gauge({
      name,
      help,
      labelNames: ["carrier"],
      registers,
      collect() {
        this.reset();
        for (const carrier of carriers()) this.set({ carrier: carrier.id }, figureOf(carrier));
      },
    });
  };
  const counter = (name: string, help: string, countsOf: (carrier: CarrierStatus) => Record<string, number>): void => {
    new Counter({
      name,
      help,
      labelNames: ["carrier", "outcome"],
      registers,
      collect() {
        // The carriers count themselves.
        this.reset();
        for (const carrier of carriers()) {
          for (const [outcome, count] of Object.entries(countsOf(carrier))) {
            this.inc({ carrier: carrier.id, outcome }, count);
          }
        }
      },
    });
  };
  gauge("mplus_carrier_up", "1 where the carrier takes messages, else 0", ({ state }) => Number(state !== "down"));
  gauge("mplus_carrier_binds", "Binds that are up", ({ binds }) => binds.up);
  gauge("mplus_carrier_under_way", "Submits without an answer yet", ({ under_way }) => under_way);
  counter("mplus_binds_total", "Tries to bind, by how each ended, and binds that were lost", (carrier) => {
    return carrier.bind_counts;
  });
  counter("mplus_submits_total", "Messages submitted, by what became of each submit", ({ counts }) => {
    const { submitted, refused, later, uncertain } = counts;
    return { submitted, refused, later, uncertain };
  });
}
