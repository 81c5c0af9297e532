import { html, useEffect, useMemo, useState } from "../vendor/preact.mjs";
import { cellText } from "../lib/cells.mjs";
import { bytes, count, dollars, plural, time } from "../lib/text.mjs";
import { drawingOf, filterValues } from "../lib/widget-drawing.mjs";
import { ProblemNote } from "./problem.mjs";

const maxTableRows = 100;

/** Widget shows the kept answer of a widget's statement as its view says. */
export function Widget({ widget, place, onEvents, onStatement }) {
  const [asTable, setAsTable] = useState(false);
  const isChart = widget.view.View !== "Table";
  const statement = onStatement && html`<button onClick=${() => onStatement(widget)}>Statement</button>`;
  return html`<section class="widget" style=${place} aria-label=${widget.title}>
    <header>
      <h2 title=${widget.about}>${widget.title}</h2>
      <span class="widget-tools screen-only">
        ${isChart && widget.answer && html`<button aria-pressed=${asTable ? "true" : "false"} onClick=${() => setAsTable(!asTable)}>Rows</button>`}
        ${statement}
      </span>
    </header>
    <${WidgetBody} widget=${widget} asTable=${asTable || !isChart} onEvents=${onEvents} />
    ${widget.query && html`<footer class="quiet">${time(widget.query.createdAt).slice(0, 19)} · ${bytes(widget.query.bytesScanned)} · ${dollars(widget.query.price)}</footer>`}
  </section>`;
}

/** WidgetBody draws an answer, or says why there is none. */
export function WidgetBody({ widget, asTable, onEvents }) {
  const { answer, problem, query } = widget;
  if (problem) return html`<${ProblemNote} problem=${problem} />`;
  if (!query) return html`<p class="quiet">Not refreshed yet.</p>`;
  if (!answer) return html`<p class="quiet">${query.state === "QUEUED" ? "Waiting…" : `Running, ${bytes(query.bytesScanned)} scanned so far…`}</p>`;
  if (answer.rows.length === 0) return html`<p class="quiet">No rows.</p>`;
  const choose = onEvents && ((row) => onEvents(query, row));
  return asTable
    ? html`<${WidgetTable} title=${widget.title} answer=${answer} onRow=${choose} />`
    : html`<${WidgetChart} widget=${widget} onRow=${choose} />`;
}

function WidgetTable({ title, answer, onRow }) {
  const shown = answer.rows.slice(0, maxTableRows);
  return html`<div class="table-frame" tabindex="0" role="region" aria-label=${title}>
    <table class="table">
      <thead><tr>${answer.columns.map((c) => html`<th scope="col" class=${c.isNumeric ? "number" : ""}>${c.name}</th>`)}</tr></thead>
      <tbody>${shown.map((cells, row) => html`<tr key=${row}>${cells.map((value, i) => html`<td class=${(answer.columns[i].isNumeric ? "number" : "") + (value === null ? " null" : "")}>
        ${i === 0 && onRow ? html`<button class="link" title="Show the events of this row" onClick=${() => onRow(row)}>${cellText(value)}</button>` : cellText(value)}</td>`)}</tr>`)}</tbody>
    </table>
    ${answer.total > shown.length && html`<p class="quiet">The first ${plural(shown.length, "row")} of ${count(answer.total)}.</p>`}
  </div>`;
}

function WidgetChart({ widget, onRow }) {
  const [Chart, setChart] = useState();
  const [only, setOnly] = useState("");
  useEffect(() => {
    import("./chart.mjs").then((module) => setChart(() => module.Chart));
  }, []);
  const drawing = useMemo(() => drawingOf(widget.view, widget.answer, only), [widget.answer, only]);
  const filters = useMemo(() => filterValues(widget.view, widget.answer), [widget.answer]);
  if (drawing.missing) return html`<p class="problem">The result has no column ${drawing.missing}.</p>`;
  if (!Chart) return html`<p class="quiet">Loading…</p>`;
  return html`
    ${filters.length > 1 && html`<label class="screen-only">${widget.view.FilterColumn} <select value=${only} onChange=${(e) => setOnly(e.target.value)}>
      <option value="">all</option>${filters.map((f) => html`<option value=${f}>${f}</option>`)}</select></label>`}
    <${Chart} option=${drawing.option} onMark=${onRow} label=${`${widget.title}: ${drawing.says}`} />
    ${drawing.left > 0 && html`<p class="quiet">${plural(drawing.left, "more row")} in the table.</p>`}`;
}
