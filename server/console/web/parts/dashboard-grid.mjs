import { html } from "../vendor/preact.mjs";
import { Widget } from "./widget.mjs";

const columns = 12;
const maxHeight = 8;

/** placeOf returns where a widget lies: its inches are columns and rows of the grid. Widgets follow each other in the dashboard's order. */
export function placeOf(view) {
  const inches = (text, most) => Math.min(most, Math.max(1, Number(text) || 1));
  return { gridColumn: `span ${inches(view.Width, columns)}`, gridRow: `span ${inches(view.Height, maxHeight)}` };
}

/** DashboardGrid lays widgets out. onEvents gets a query and the number of a row of its answer, onStatement a widget; without them the widgets have no buttons. */
export function DashboardGrid({ widgets, onEvents, onStatement }) {
  if (widgets.length === 0) return html`<p class="quiet">The dashboard has no widgets.</p>`;
  return html`<div class="dashboard">
    ${widgets.map((w, i) => html`<${Widget} key=${i} widget=${w} place=${placeOf(w.view)} onEvents=${onEvents} onStatement=${onStatement} />`)}
  </div>`;
}
