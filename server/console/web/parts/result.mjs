import { html, useEffect, useRef, useState } from "../vendor/preact.mjs";
import { get, parameters, post, Problem } from "../lib/api.mjs";
import { histogram, isHistogram, unitFor } from "../lib/predicates.mjs";
import { RowSource } from "../lib/row-source.mjs";
import { ColumnStatistics } from "./column-statistics.mjs";
import { CopyMenu } from "./copy-menu.mjs";
import { Grid } from "./grid.mjs";
import { ProblemNote } from "./problem.mjs";
import { ReceiptMenu } from "./receipt-menu.mjs";
import { RowPanel } from "./row-panel.mjs";
import { Summary } from "./summary.mjs";

/** Result shows the kept result of a query as a grid or as a chart. onOpen opens a statement in a tab. */
export function Result({ query, onOpen }) {
  const [source, setSource] = useState();
  const [problem, setProblem] = useState();
  const { sorted, order, isSorting, refusal, sortBy } = useOrder(query.id, source);
  const [side, setSide] = useState(); // {row} or {column}
  const [goTo, setGoTo] = useState();
  const [asChart, setAsChart] = useState(isHistogram(query.sql));
  useEffect(() => {
    new RowSource(query.id).load().then(setSource, setProblem);
  }, [query.id]);
  if (problem) return html`<${ProblemNote} problem=${problem} />`;
  if (!source) return html`<p class="quiet">Loading rows…</p>`;
  const shown = sorted ?? source;
  return html`<section class="result" aria-label="Result">
    <div class="tools" role="toolbar" aria-label="Result">
      <button aria-pressed=${asChart} onClick=${() => setAsChart(!asChart)}>${asChart ? "Show rows" : "Show chart"}</button>
      <${Histogram} source=${source} query=${query} onOpen=${onOpen} />
      <${Search} key=${shown.queryId} source=${shown} onFound=${(row) => setGoTo(row)} />
      <${CopyMenu} source=${shown} query=${query} />
      <${Download} id=${shown.queryId} />
      <${ReceiptMenu} id=${query.id} />
      <${Summary} id=${query.id} />
      <a href=${"#/editor/" + query.id} title="A link to this result, for users who may read it">Link</a>
      <span class="quiet" aria-live="polite">${isSorting ? "Sorting…" : order ? `sorted by ${source.columns[order.column].name}` : ""}</span>
    </div>
    <${ProblemNote} problem=${refusal} />
    <div class="result-body">
      ${asChart
        ? html`<${LazyChart} source=${source} query=${query} onOpen=${onOpen} />`
        : html`<${Grid} source=${shown} order=${order} onSort=${sortBy} goTo=${goTo} onOpen=${(row) => setSide({ row })} onColumn=${(column) => setSide({ column })} />`}
      ${side?.row !== undefined && html`<${RowPanel} key=${shown.queryId + side.row} source=${shown} row=${side.row} query=${query} onOpen=${onOpen} onClose=${() => setSide(undefined)} />`}
      ${side?.column !== undefined && html`<${ColumnStatistics} key=${"column" + side.column} source=${source} column=${side.column} query=${query} onOpen=${onOpen} onClose=${() => setSide(undefined)} />`}
    </div>
  </section>`;
}

/**
 * useOrder puts a result into the order of a column: sortBy(column) turns from none to ascending, descending and none. sorted is the source of
 * rows in that order, undefined for none; the server has sorted all rows.
 */
function useOrder(id, source) {
  const [state, setState] = useState({});
  const turn = useRef(0);
  useEffect(() => () => turn.current++, []);
  const sortBy = async (column) => {
    const isSame = state.order?.column === column;
    const now = ++turn.current;
    if (isSame && state.order.descending) return setState({});
    const order = { column, descending: isSame };
    setState((s) => ({ ...s, isSorting: true, refusal: undefined }));
    try {
      const found = await post(`queries/${id}/sorted`, order);
      const sorted = await sortedSource(found.id);
      if (now === turn.current) setState({ order, sorted });
    } catch (refusal) {
      if (now === turn.current) setState((s) => ({ ...s, isSorting: false, refusal }));
    }
  };
  return { ...state, sortBy };
}

/** sortedSource returns the rows of a query that sorts, when it has. */
async function sortedSource(id) {
  for (;;) {
    const query = await get(`queries/${id}?waitMillis=2000`);
    if (!query.isOver) continue;
    if (query.state !== "FINISHED") throw new Problem(0, { code: query.errorName || query.state, message: query.errorMessage || "The rows were not sorted." });
    return new RowSource(id).load();
  }
}

/** LazyChart loads the charts when one is shown first. */
function LazyChart(properties) {
  const [Chart, setChart] = useState();
  useEffect(() => {
    import("./result-chart.mjs").then((module) => setChart(() => module.ResultChart));
  }, []);
  return Chart ? html`<${Chart} ...${properties} />` : html`<p class="quiet">Loading…</p>`;
}

/** Histogram opens a statement that counts the rows by time, in a unit that suits their span. */
function Histogram({ source, query, onOpen }) {
  const at = source.columns.findIndex((c) => /^timestamp\(\d+\)$/.test(c.type));
  if (at < 0 || isHistogram(query.sql)) return null;
  const open = async () => {
    const { least, greatest } = await get(`queries/${source.queryId}/column?column=${at}`);
    const instant = (text) => Date.parse(text.replace(" ", "T") + "Z");
    onOpen(histogram(query.sql, source.columns[at].name, unitFor(least === null ? 0 : instant(greatest) - instant(least))), "Histogram");
  };
  return html`<button onClick=${open}>Histogram</button>`;
}

/** Search goes to the rows that have a text. */
function Search({ source, onFound }) {
  const [found, setFound] = useState({ text: "", rows: [], at: -1, next: 0, says: "" });
  const go = async (event) => {
    event.preventDefault();
    const text = new FormData(event.target).get("text");
    if (text === "") return;
    let state = found.text === text ? { ...found, at: found.at + 1 } : { text, rows: [], at: 0, next: 0 };
    while (state.at >= state.rows.length && (state.next < source.total || state.rows.length > 0)) {
      if (state.next >= source.total) state = { ...state, rows: [], at: 0, next: 0 }; // around
      const part = await get(`queries/${source.queryId}/search?${parameters({ text, from: state.next })}`);
      state = { ...state, rows: part.rows, at: 0, next: part.next };
      if (part.rows.length === 0 && part.next >= source.total) break;
    }
    const row = state.rows[state.at];
    setFound({ ...state, says: row === undefined ? "not found" : `row ${row + 1}` });
    if (row !== undefined) onFound(row);
  };
  return html`<form class="search" role="search" onSubmit=${go}>
    <input name="text" type="search" aria-label="Search the result" placeholder="Search" />
    <span class="quiet" aria-live="polite">${found.says}</span>
  </form>`;
}

/** Download has a link for the whole result in each format. */
function Download({ id }) {
  const [isSafe, setSafe] = useState(true);
  const link = (format) => `api/queries/${id}/download?${parameters({ format, safe: isSafe })}`;
  return html`<details class="menu"><summary>Download</summary>
    <div class="menu-items">
      <a href=${link("csv")} download>CSV</a>
      <label><input type="checkbox" checked=${isSafe} onChange=${(e) => setSafe(e.target.checked)} /> escape formulas in CSV</label>
      <a href=${link("ndjson")} download>NDJSON</a>
      <a href=${link("parquet")} download>Parquet</a>
      <a href=${link("arrow")} download>Arrow</a>
    </div>
  </details>`;
}
