/**
 * Settings of the connections that run the statements of the flow. A plan made while a table was empty (hash joins and
 * sequential scans of everything) would stay cached while it fills; each of these statements reads by index, row by row.
 */
export const PLAN_SETTINGS = {
  jit: "off",
  plan_cache_mode: "force_generic_plan",
  enable_hashjoin: "off",
  enable_mergejoin: "off",
  enable_seqscan: "off",
} as const;
