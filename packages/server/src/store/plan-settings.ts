/**
 * Settings of the connections that run the statements of the flow. Their plans are made once per connection, often
 * while the day's tables are all but empty, and stay while these fill. So whatever the statistics say, only one plan
 * may look cheap: begin with the statement's rows (the planner expects ten of an array), and look each up by index.
 * Reading a tuple too many is therefore made dear: a full look through a small partial index costs more from eleven
 * rows on. (With the usual costs it was chosen on a young table, and a flush of 1,000 receipts read each of 12,000
 * messages for every one of them.)
 */
export const PLAN_SETTINGS = {
  jit: "off",
  plan_cache_mode: "force_generic_plan",
  enable_hashjoin: "off",
  enable_mergejoin: "off",
  enable_seqscan: "off",
  enable_bitmapscan: "off",
  enable_material: "off",
  cpu_tuple_cost: 10,
  cpu_index_tuple_cost: 5,
  random_page_cost: 1.1,
  // Beside dear tuples the start of parallel workers looks cheap: they counted an empty queue, in 170 ms instead of 2.
  max_parallel_workers_per_gather: 0,
} as const;
