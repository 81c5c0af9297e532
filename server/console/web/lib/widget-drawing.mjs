// What the chart of a widget draws, of its view properties and its answer. Each mark knows the number of its row.

import { cellText } from "./cells.mjs";
import { fitted } from "./text.mjs";

const maxBars = 50;
const maxSlices = 20;
const maxLines = 12;
const maxLabel = 500; // characters; what is longer is taken for the same

const label = (value) => fitted(cellText(value), maxLabel);

/** columnAt is the place of a column, whose names do not tell upper and lower case apart; -1 for none. */
const columnAt = (answer, name) => answer.columns.findIndex((c) => c.name.toLowerCase() === name?.toLowerCase());

/** filterValues are the values of the widget's filter column, each once. */
export function filterValues(view, answer) {
  const at = view.FilterColumn ? columnAt(answer, view.FilterColumn) : -1;
  return at < 0 ? [] : [...new Set(answer.rows.map((cells) => label(cells[at])))];
}

/** drawingOf returns {option, says, left}, or {missing} with the name of a column that the answer has not. only is the filter's value, "" for all. */
export function drawingOf(view, answer, only) {
  const [labelName, valueName] = view.View === "LineChart" ? [view.XAxisColumn, view.YAxisColumn] : [view.LabelColumn, view.ValueColumn];
  const [labels, values] = [columnAt(answer, labelName), columnAt(answer, valueName)];
  if (labels < 0 || values < 0) return { missing: labels < 0 ? labelName : valueName };
  const filter = view.FilterColumn ? columnAt(answer, view.FilterColumn) : -1;
  const rows = answer.rows.map((cells, row) => ({
    row, name: label(cells[labels]), group: filter < 0 ? "" : label(cells[filter]), value: cells[values] === null ? null : Number(cells[values]),
  })).filter((r) => !only || r.group === only);
  const says = `${valueName} by ${labelName}`;
  if (view.View === "LineChart") return { ...lines(rows), says };
  if (view.View === "PieChart") return { ...pie(rows), says };
  return { ...bars(rows, view.Orientation === "Horizontal", !only), says };
}

/** lines draws one line for each group, those with the greatest sums. */
function lines(rows) {
  const sums = new Map();
  for (const r of rows) sums.set(r.group, (sums.get(r.group) ?? 0) + (r.value ?? 0));
  const groups = [...sums.keys()].sort((a, b) => sums.get(b) - sums.get(a)).slice(0, maxLines);
  const names = evenly([...new Set(rows.map((r) => r.name))]);
  const isDays = names.every((name) => name.endsWith(" 00:00:00.000"));
  const at = new Map(names.map((name, i) => [name, i]));
  const series = groups.map((group) => {
    const data = names.map(() => null);
    for (const r of rows) if (r.group === group) data[at.get(r.name)] = { value: r.value, row: r.row };
    return { type: "line", name: group || undefined, data, symbolSize: 7, showAllSymbol: true, connectNulls: true };
  });
  const option = {
    grid: { left: 60, right: 20, top: 16, bottom: 30 },
    legend: groups.length > 1 ? { top: 0, left: 0, right: 0, data: groups } : undefined,
    tooltipOf: "item",
    xAxis: { type: "category", data: names.map((name) => name.replace(isDays ? / 00:00:00\.000$/ : /:00\.000$/, "")) }, yAxis: { type: "value" }, series,
  };
  return { option, left: rows.filter((r) => !groups.includes(r.group)).length };
}

const maxPoints = 2000;

/** evenly puts the times between that no row has, so that equal spans are equally wide; names that are no times, or of steps that differ as months do, stay. */
function evenly(names) {
  const form = /^\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2}\.000)?$/;
  if (names.length < 3 || !names.every((name) => form.test(name))) return names;
  const isDate = names.every((name) => name.length === 10);
  const instants = names.map((name) => Date.parse(name.slice(0, 10) + (isDate ? "" : "T" + name.slice(11)) + (isDate ? "" : "Z"))).sort((a, b) => a - b);
  const steps = instants.slice(1).map((t, i) => t - instants[i]);
  const step = Math.min(...steps);
  const points = (instants.at(-1) - instants[0]) / step + 1;
  if (!(step > 0) || points > maxPoints || steps.some((s) => s % step !== 0)) return names;
  const text = (t) => new Date(t).toISOString().replace("T", " ").replace("Z", "").slice(0, isDate ? 10 : 23);
  return Array.from({ length: points }, (_, i) => text(instants[0] + i * step));
}

function bars(rows, isHorizontal, withGroups) {
  const drawn = rows.slice(0, maxBars);
  const names = { type: "category", data: drawn.map((r) => (withGroups && r.group ? `${r.name} · ${r.group}` : r.name)), inverse: isHorizontal };
  const numbers = { type: "value" };
  const option = {
    grid: isHorizontal ? { left: 190, right: 30, top: 6, bottom: 26 } : { left: 60, right: 16, top: 12, bottom: 30 },
    tooltipOf: "item",
    xAxis: isHorizontal ? numbers : names,
    yAxis: isHorizontal ? names : numbers,
    series: [{ type: "bar", barMaxWidth: 40, data: drawn.map((r) => ({ value: r.value, row: r.row })) }],
    labelCharacters: isHorizontal ? 26 : 20,
  };
  return { option, left: rows.length - drawn.length };
}

function pie(rows) {
  const drawn = rows.slice(0, maxSlices);
  const option = {
    tooltipOf: "item",
    series: [{ type: "pie", radius: "58%", label: { formatter: ({ name }) => fitted(name, 20) }, data: drawn.map((r) => ({ name: r.group ? `${r.name} · ${r.group}` : r.name, value: r.value, row: r.row })) }],
  };
  return { option, left: rows.length - drawn.length };
}
