import { html, useEffect, useState } from "../vendor/preact.mjs";
import { get, post } from "../lib/api.mjs";
import { parameterNames, parametersFor, questionMarks, viewAs, viewProperties } from "../lib/dashboard-draft.mjs";
import { bytes, dollars, range } from "../lib/text.mjs";
import { ProblemNote } from "./problem.mjs";
import { SQLEditor } from "./sql-editor.mjs";
import { WidgetBody } from "./widget.mjs";

const kinds = { Table: "Table", LineChart: "Lines", BarChart: "Bars", PieChart: "Pie" };
const propertyNames = { XAxisColumn: "X axis", YAxisColumn: "Y axis", LabelColumn: "Labels", ValueColumn: "Values", FilterColumn: "Filter by", Orientation: "Orientation" };
const quietMillis = 350;

/** WidgetEditor edits a widget: its statement beside what it draws, its title and its view. */
export function WidgetEditor({ widget, onChange, onClose }) {
  const [drawn, setDrawn] = useState({ query: widget.query, answer: widget.answer });
  const [problem, setProblem] = useState();
  const check = useWidgetCheck(widget);
  const setView = (changes) => {
    const view = Object.fromEntries(Object.entries({ ...widget.view, ...changes }).filter(([, value]) => value !== ""));
    onChange({ ...widget, title: view.Title ?? "", view });
  };
  const setStatement = (statement) => onChange({ ...widget, statement, parameters: parametersFor(widget.parameters, questionMarks(statement)), query: undefined, answer: undefined, problem: undefined });
  const preview = async () => {
    setProblem(undefined);
    try {
      const { id } = await post("queries", { sql: check.sql, arguments: [] });
      let query;
      do query = await get(`queries/${id}?waitMillis=1000`); while (!query.isOver);
      if (query.errorName) throw { code: query.errorName, message: query.errorMessage };
      const answer = await get(`queries/${id}/rows?limit=1000`);
      setDrawn({ query, answer });
      onChange({ ...widget, query, answer });
    } catch (failure) {
      setProblem(failure);
    }
  };
  const estimate = check?.estimate;
  return html`<section class="widget-editor" aria-label=${`Widget ${widget.view.Title}`}>
    <div class="tools">
      <label>Title <input value=${widget.view.Title} onInput=${(e) => setView({ Title: e.target.value })} /></label>
      <label>View <select value=${widget.view.View} onChange=${(e) => onChange({ ...widget, view: viewAs(widget.view, e.target.value) })}>
        ${Object.entries(kinds).map(([kind, text]) => html`<option value=${kind}>${text}</option>`)}</select></label>
      ${Object.entries(viewProperties[widget.view.View]).map(([name, isNeeded]) => html`<${Property} key=${name} name=${name} isNeeded=${isNeeded} value=${widget.view[name] ?? ""} columns=${drawn.answer?.columns} onChange=${(value) => setView({ [name]: value })} />`)}
      ${widget.parameters.map((p, i) => html`<label key=${"p" + i}>?${i + 1} <select value=${p} onChange=${(e) => onChange({ ...widget, parameters: widget.parameters.map((q, at) => (at === i ? e.target.value : q)) })}>
        ${parameterNames.map((n) => html`<option value=${n}>${n.replaceAll("$", "")}</option>`)}</select></label>`)}
    </div>
    <div class="side-by-side">
      <div>
        <${SQLEditor} text=${widget.statement} problem=${check?.problem} onRun=${preview} onChange=${setStatement} />
        <div class="tools">
          <button disabled=${!check?.sql || !!check.problem} onClick=${preview}>Preview</button>
          <button onClick=${onClose}>Close</button>
          <span aria-live="polite">${estimate && `Scans ${range(estimate.lowBytes, estimate.highBytes, bytes)}, ${range(estimate.lowPrice, estimate.highPrice, dollars)}`}</span>
        </div>
        <${ProblemNote} problem=${problem ?? check?.problem} />
      </div>
      <div class="preview widget">${drawn.answer ? html`<${WidgetBody} widget=${{ ...widget, ...drawn, title: widget.view.Title }} asTable=${widget.view.View === "Table"} />` : html`<p class="quiet">Preview runs the statement over the last day and shows the result here.</p>`}</div>
    </div>
  </section>`;
}

/** Property is a field for a property of a view: a column of the answer as far as one is known. */
function Property({ name, isNeeded, value, columns, onChange }) {
  const set = (event) => onChange(event.target.value);
  if (name === "Orientation") {
    return html`<label>${propertyNames[name]} <select value=${value} onChange=${set}><option value="">default</option><option value="Horizontal">horizontal</option><option value="Vertical">vertical</option></select></label>`;
  }
  const names = columns?.map((c) => c.name);
  if (!names) return html`<label>${propertyNames[name]} <input value=${value} onInput=${set} /></label>`;
  return html`<label>${propertyNames[name]} <select value=${value} onChange=${set}>
    ${!(isNeeded && names.includes(value)) && html`<option value="">${isNeeded ? "choose…" : "none"}</option>`}
    ${value && !names.includes(value) && html`<option>${value}</option>`}
    ${names.map((n) => html`<option>${n}</option>`)}</select></label>`;
}

/** useWidgetCheck asks what a widget would scan over the last day, when nobody has typed for a moment. */
function useWidgetCheck({ statement, parameters }) {
  const [found, setFound] = useState();
  const given = JSON.stringify([statement, parameters]);
  useEffect(() => {
    const aborting = new AbortController();
    const timer = setTimeout(() => post("widgets/check", { widgets: [{ statement, parameters, view: {} }] }, aborting.signal).then(
      ({ widgets }) => setFound(widgets[0]),
      (problem) => problem.name !== "AbortError" && setFound({ problem }),
    ), quietMillis);
    return () => {
      clearTimeout(timer);
      aborting.abort();
    };
  }, [given]);
  return found;
}
