import { html } from "../vendor/preact.mjs";
import { bytes, count, dollars, millis, plural } from "../lib/text.mjs";

/** Progress says how far a query has come, or how it ended, with what it read and costs. */
export function Progress({ query }) {
  const share = query.plannedHighBytes > 0 ? Math.min(1, query.bytesScanned / query.plannedHighBytes) : undefined;
  return html`<div class="progress">
    <p aria-live="polite">
      <strong class=${"state " + query.state.toLowerCase()}>${query.state}</strong>
      <span>${plural(query.rows, "row")}</span>
      <span>${bytes(query.bytesScanned)} scanned</span>
      <span>${dollars(query.price)}</span>
      <span>${millis(query.elapsedMillis)}</span>
      <span class="quiet">${count(query.eventsScanned)} events scanned</span>
    </p>
    ${!query.isOver && html`<progress aria-label="Bytes scanned, of the planned bytes" value=${share}></progress>`}
    ${query.errorName && html`<p class="problem" role="alert"><strong>${query.errorName}</strong> ${query.errorMessage}</p>`}
  </div>`;
}
