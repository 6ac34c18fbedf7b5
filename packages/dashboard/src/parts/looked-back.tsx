import type { Search } from "../api/use-search.ts";
import { Moment } from "./values.tsx";

/** Says how far a search has come that is not at its end. */
export function LookedBack({ search }: { search: Pick<Search<unknown>, "lookedBackTo" | "loading"> }) {
  const { lookedBackTo, loading } = search;
  return (
    <p class="quiet" role="status">
      {lookedBackTo !== null && (
        <>
          {loading ? "Looking; so far back to " : "Looked back to "}
          <Moment at={lookedBackTo} />
          {loading ? "…" : ". Show more goes on from there."}
        </>
      )}
    </p>
  );
}
