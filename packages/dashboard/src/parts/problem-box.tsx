import type { Problem } from "../api/problem.ts";

/** A problem as the server tells it; its type leads to the reference's words. */
export function ProblemBox({ problem }: { problem: Problem | undefined }) {
  if (problem === undefined) return null;
  const { type, title, detail, status, errors = [] } = problem;
  return (
    <div class="problem" role="alert">
      <p class="title">
        {title} {status !== undefined && <span class="status">{status}</span>}
      </p>
      <p>{detail}</p>
      {errors.length > 0 && (
        <ul>
          {errors.map(({ path, message }) => (
            <li key={`${path} ${message}`}>
              <code>{path}</code> {message}
            </li>
          ))}
        </ul>
      )}
      {type?.startsWith("/docs#") && (
        <p class="quiet">
          <a href={type.slice(1)} target="_blank" rel="noreferrer">
            What this means
          </a>
        </p>
      )}
    </div>
  );
}
