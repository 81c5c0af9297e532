import { html } from "../vendor/preact.mjs";
import { cellText } from "../lib/cells.mjs";
import { count } from "../lib/text.mjs";
import { useAnswer } from "../lib/use-answer.mjs";
import { where } from "../lib/predicates.mjs";
import { ProblemNote } from "./problem.mjs";

/** ColumnStatistics says what a column of a result holds: its values with their shares, each a filter. */
export function ColumnStatistics({ source, column, query, onOpen, onClose }) {
  const { value, problem } = useAnswer(`queries/${source.queryId}/column?column=${column}`);
  const about = source.columns[column];
  const filter = (chosen, isFor) => onOpen(where(query.sql, about, chosen, isFor));
  return html`<aside class="side" aria-label="Column">
    <header><h2>${about.name}</h2><button onClick=${onClose}>Close</button></header>
    <p class="quiet">${about.type}</p>
    <${ProblemNote} problem=${problem} />
    ${value && html`
      <dl class="facts">
        <dt>Rows</dt><dd>${count(value.rows)}${value.rows < value.total ? ` of ${count(value.total)}` : ""}</dd>
        <dt>NULL</dt><dd>${count(value.nulls)}</dd>
        <dt>Empty strings</dt><dd>${count(value.empty)}</dd>
        <dt>Distinct values</dt><dd>${value.isDistinctExact ? "" : "more than "}${count(value.distinct)}</dd>
        ${value.least !== null && html`<dt>Minimum</dt><dd>${cellText(value.least)}</dd><dt>Maximum</dt><dd>${cellText(value.greatest)}</dd>`}
      </dl>
      <h3>Most frequent${value.isDistinctExact ? "" : ` of the first ${count(value.distinct)} values`}</h3>
      <ul class="top-values">${value.top.map((t) => html`<li key=${t.value}>
        <span class="bar"><meter min="0" max=${value.rows} value=${t.rows} aria-label="share"></meter></span>
        <span class="value">${cellText(t.value)}</span> <span class="quiet">${count(t.rows)}</span>
        ${!about.isNested && html`<button onClick=${() => filter(t.value, true)} aria-label=${"Filter for " + cellText(t.value)} title="Filter for this value">=</button>
          <button onClick=${() => filter(t.value, false)} aria-label=${"Filter out " + cellText(t.value)} title="Filter out this value">≠</button>`}
      </li>`)}</ul>`}
  </aside>`;
}
