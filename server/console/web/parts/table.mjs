import { html } from "../vendor/preact.mjs";

/**
 * Table shows a list of objects. columns are {head, cell(row), isNumber, isInstant}; what a cell returns is a text or a node, never HTML.
 */
export function Table({ label, columns, rows, empty }) {
  if (rows.length === 0) return html`<p class="quiet">${empty}</p>`;
  return html`<div class="table-frame" tabindex="0" role="region" aria-label=${label}>
    <table class="table">
      <thead><tr>${columns.map((c) => html`<th scope="col" class=${c.isNumber ? "number" : ""}>${c.head}</th>`)}</tr></thead>
      <tbody>${rows.map((row) => html`<tr>${columns.map((c) => html`<td class=${c.isNumber ? "number" : c.isInstant ? "instant" : ""}>${c.cell(row)}</td>`)}</tr>`)}</tbody>
    </table>
  </div>`;
}
