import { html, useEffect, useState } from "../vendor/preact.mjs";
import { post } from "../lib/api.mjs";
import { bytes, count, dollars, range } from "../lib/text.mjs";

const quietMillis = 350; // after the last key

/** useCheck asks what a statement would cost, or what is wrong with it, when nobody has typed for a moment. */
export function useCheck(sql, values) {
  const [found, setFound] = useState();
  const given = JSON.stringify(values);
  useEffect(() => {
    if (sql.trim() === "") {
      setFound(undefined);
      return;
    }
    const aborting = new AbortController();
    const ask = async () => {
      let check = await post("check", { sql, arguments: [] }, aborting.signal);
      if (check.parameters.length > 0) check = await post("check", { sql, arguments: argumentsOf(check.parameters, values) }, aborting.signal);
      setFound({ ...check, of: sql });
    };
    const timer = setTimeout(() => ask().catch((problem) => problem.name !== "AbortError" && setFound({ of: sql, parameters: [], advice: [], problem })), quietMillis);
    return () => {
      clearTimeout(timer);
      aborting.abort();
    };
  }, [sql, given]);
  return found;
}

/** argumentsOf returns the values of parameters in their order. */
export const argumentsOf = (parameters, values) => parameters.map((p) => values[p.name] ?? "");

/** Cost shows what a statement would scan and what that would be charged. */
export function Cost({ check }) {
  if (!check) return html`<p class="cost quiet" aria-live="polite">Type a statement to see what it costs.</p>`;
  const e = check.estimate;
  if (!e) return html`<p class="cost quiet" aria-live="polite">${check.problem ? "The statement has an error." : ""}</p>`;
  const p = e.pruned;
  return html`<p class="cost" aria-live="polite">
    <span>Scans ${range(e.lowBytes, e.highBytes, bytes)} of ${bytes(e.bytesStored)}</span>
    <strong>${range(e.lowPrice, e.highPrice, dollars)}</strong>
    ${p.partitionsTotal > 0 && html`<span class="quiet">${count(p.partitions)} of ${count(p.partitionsTotal)} days skipped</span>`}
    ${check.advice.map((a) => html`<span class="advice">${a}</span>`)}
  </p>`;
}
