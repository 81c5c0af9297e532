import { html } from "../vendor/preact.mjs";

/** ProblemNote shows what went wrong. */
export function ProblemNote({ problem }) {
  if (!problem) return null;
  const place = problem.line ? ` at ${problem.line}:${problem.column}` : "";
  return html`<p class="problem" role="alert"><strong>${problem.code}${place}</strong> ${problem.message}</p>`;
}
