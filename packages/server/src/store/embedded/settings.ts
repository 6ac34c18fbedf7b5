/**
 * How the embedded server runs: durable as PostgreSQL is by default (fsync, synchronous_commit, full_page_writes, data
 * checksums), reached through its socket alone, sized for the machine that it shares with the program.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: "",
  unix_socket_permissions: "0700",
  port: "5432",
  max_connections: "100",
  // A restore locks every partition and index at once. 64, the default, end between 400 and 700 days of history.
  max_locks_per_transaction: "512",
  shared_buffers: "128MB",
  // Fewer and longer checkpoint cycles write fewer full pages; recovery of 4 GB takes seconds.
  max_wal_size: "4GB",
  min_wal_size: "256MB",
  checkpoint_timeout: "15min",
  wal_compression: "on",
  // Compiling costs more than it gains for statements of a few milliseconds.
  jit: "off",
  // Queue-like tables turn over quickly: vacuum sooner, and let it work.
  autovacuum_naptime: "10s",
  autovacuum_vacuum_scale_factor: "0.05",
  autovacuum_analyze_scale_factor: "0.02",
  autovacuum_vacuum_cost_limit: "2000",
  timezone: "UTC",
  log_timezone: "UTC",
  // Errors reach the program that made them; in the log their details would be customers' texts and numbers.
  log_min_messages: "log",
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
  log_checkpoints: "off",
  log_autovacuum_min_duration: "-1",
};

/** `-c` arguments for a server whose socket is in `run`; `settings` win over ours. */
export function settingArguments(run: string, settings: Readonly<Record<string, string>>): string[] {
  // A list of paths, so one that holds commas or spaces is quoted.
  const sockets = `"${run.replaceAll('"', '""')}"`;
  const all = { ...SETTINGS, unix_socket_directories: sockets, ...settings };
  return Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}
