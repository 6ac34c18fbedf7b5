import { MessagingPlus } from "@messaging-plus/sdk";
import type { Problem } from "./problem.ts";

/**
 * The public API of the server that the page came from, for one key.
 * @param onRefused is told when the key does not work (any more)
 */
export function clientOf(key: string, onRefused: (problem: Problem) => void = () => {}): MessagingPlus {
  return new MessagingPlus({
    // What stands before /dashboard in the page's address is put before the API's paths, too.
    baseUrl: new URL(".", location.href),
    key,
    fetch: async (input, init) => {
      const response = await fetch(input, { ...init, cache: "no-store", credentials: "omit" });
      if (response.status === 401) onRefused((await response.clone().json()) as Problem);
      return response;
    },
  });
}
