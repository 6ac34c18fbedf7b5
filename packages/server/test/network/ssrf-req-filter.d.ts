declare module "ssrf-req-filter" {
  import type { Agent } from "node:http";

  export default function agentFor(url: string): Agent;
}
