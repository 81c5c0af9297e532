import { html, useEffect, useMemo, useState } from "../vendor/preact.mjs";
import { wholeText } from "../lib/cells.mjs";
import { within } from "../lib/predicates.mjs";
import { plural } from "../lib/text.mjs";
import { Chart } from "./chart.mjs";
import { ProblemNote } from "./problem.mjs";

const maxDrawn = 5000; // rows
const kinds = { line: "Line", bar: "Bar", pie: "Pie", heatmap: "Heatmap" };
const isTime = (column) => /^(timestamp|date)/.test(column.type);

/** ResultChart draws columns of a result. Brushing over a time opens the statement for that range. */
export function ResultChart({ source, query, onOpen }) {
  const numbers = source.columns.map((c, i) => ({ ...c, at: i })).filter((c) => c.isNumeric);
  const others = source.columns.map((c, i) => ({ ...c, at: i })).filter((c) => !c.isNumeric && !c.isNested);
  const [rows, setRows] = useState();
  const [problem, setProblem] = useState();
  const [kind, setKind] = useState(others.some(isTime) ? "line" : "bar");
  const [label, setLabel] = useState((others.find(isTime) ?? others[0])?.at ?? 0);
  const [value, setValue] = useState(numbers[0]?.at);
  const [second, setSecond] = useState(others[1]?.at);
  useEffect(() => {
    read(source).then(setRows, setProblem);
  }, [source]);
  const option = useMemo(() => rows && value !== undefined && optionOf(kind, rows, label, value, second), [rows, kind, label, value, second]);
  if (value === undefined) return html`<p class="quiet">A chart needs a column of numbers.</p>`;
  const pick = (title, at, set, columns) => html`<label>${title} <select value=${at} onChange=${(e) => set(Number(e.target.value))}>
    ${columns.map((c) => html`<option value=${c.at}>${c.name}</option>`)}</select></label>`;
  const labels = others.length > 0 ? others : numbers;
  const brushed = isTime(source.columns[label]) && kind !== "pie" && kind !== "heatmap" && ((range) => {
    const drawn = option.xAxis.data;
    const [from, to] = [drawn[Math.max(0, range[0])], drawn[Math.min(drawn.length - 1, range[1])]];
    onOpen(within(query.sql, source.columns[label].name, from, to));
  });
  return html`<div class="chart-frame">
    <div class="tools" role="toolbar" aria-label="Chart">
      <label>Kind <select value=${kind} onChange=${(e) => setKind(e.target.value)}>${Object.entries(kinds).map(([k, title]) => html`<option value=${k}>${title}</option>`)}</select></label>
      ${pick("Labels", label, setLabel, labels)}
      ${pick("Values", value, setValue, numbers)}
      ${kind === "heatmap" && others.length > 1 && pick("By", second, setSecond, others)}
      ${source.total > maxDrawn && html`<span class="quiet">the first ${plural(maxDrawn, "row")}</span>`}
    </div>
    <${ProblemNote} problem=${problem} />
    ${option && html`<${Chart} option=${option} onBrush=${brushed || undefined} label=${`${kinds[kind]} chart of ${source.columns[value].name} by ${source.columns[label].name}`} />`}
  </div>`;
}

async function read(source) {
  const rows = [];
  while (rows.length < Math.min(source.total, maxDrawn)) {
    rows.push(...(await source.fetchRows(rows.length, Math.min(1000, maxDrawn - rows.length))));
  }
  return rows;
}

/** optionOf is what ECharts draws. */
function optionOf(kind, rows, label, value, second) {
  const named = (cells, at) => (cells[at] === null ? "NULL" : wholeText(cells[at]));
  const number = (cells) => (cells[value] === null ? null : Number(cells[value]));
  if (kind === "pie") {
    return { legend: { type: "scroll" }, series: [{ type: "pie", radius: "65%", data: rows.slice(0, 50).map((r) => ({ name: named(r, label), value: number(r) })) }] };
  }
  if (kind === "heatmap" && second !== undefined) {
    const xs = [...new Set(rows.map((r) => named(r, label)))];
    const ys = [...new Set(rows.map((r) => named(r, second)))];
    const values = rows.map(number);
    return {
      xAxis: { type: "category", data: xs }, yAxis: { type: "category", data: ys },
      visualMap: { min: Math.min(...values), max: Math.max(...values), orient: "horizontal", left: "center", calculable: false },
      series: [{ type: "heatmap", data: rows.map((r) => [xs.indexOf(named(r, label)), ys.indexOf(named(r, second)), number(r)]) }],
    };
  }
  return {
    grid: { left: 70, right: 20, top: 20, bottom: 40 },
    xAxis: { type: "category", data: rows.map((r) => named(r, label)) },
    yAxis: { type: "value" },
    brush: { xAxisIndex: 0, throttleType: "debounce" },
    series: [{ type: kind === "line" ? "line" : "bar", data: rows.map(number) }],
  };
}
