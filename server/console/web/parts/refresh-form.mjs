import { html, useEffect, useState } from "../vendor/preact.mjs";
import { post } from "../lib/api.mjs";
import { bytes, dollars, plural, range } from "../lib/text.mjs";
import { useAnswer } from "../lib/use-answer.mjs";
import { ProblemNote } from "./problem.mjs";

const spans = { 1: "the last hour", 3: "the last 3 hours", 12: "the last 12 hours", 24: "the last day", 72: "the last 3 days", 168: "the last 7 days", 720: "the last 30 days", custom: "custom range" };
const periods = ["minute", "hour", "day", "week", "month"];

/** valuesOf returns the values of a refresh: a relative range ends now. */
export function valuesOf(form) {
  const values = { start: "", end: "", period: form.period, store: form.store };
  if (form.span === "custom") return { ...values, start: form.from && form.from + ":00Z", end: form.to && form.to + ":00Z" };
  const now = Date.now();
  const instant = (at) => new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
  return { ...values, start: instant(now - Number(form.span) * 3600_000), end: instant(now) };
}

/** RefreshForm asks over what to refresh a dashboard, says what that costs, and begins it. onStore gets the store that is chosen for a managed one. */
export function RefreshForm({ dashboard, onBegun, onStore }) {
  const takesStore = dashboard.isManaged && !dashboard.isHighlights;
  const [form, setForm] = useState({ span: "24", from: "", to: "", period: "", store: "" });
  const [problem, setProblem] = useState();
  const [isBusy, setBusy] = useState(false);
  const change = (name) => (event) => setForm({ ...form, [name]: event.target.value });
  useEffect(() => {
    onStore(form.store);
  }, [form.store]);
  const price = usePrice(dashboard, form, takesStore);
  const refresh = async (event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    await post(`dashboards/${encodeURIComponent(dashboard.name)}/refresh`, valuesOf(form)).then(onBegun, setProblem);
    setBusy(false);
  };
  return html`<form class="conditions screen-only" aria-label="Refresh" onSubmit=${refresh}>
    ${takesStore && html`<${StoreField} category=${dashboard.category} value=${form.store} onChange=${(store) => setForm((f) => ({ ...f, store }))} />`}
    ${!dashboard.isHighlights && html`
      <label>Range <select value=${form.span} onChange=${change("span")}>${Object.entries(spans).map(([k, text]) => html`<option value=${k}>${text}</option>`)}</select></label>
      ${form.span === "custom" && html`
        <label>from <input type="datetime-local" required value=${form.from} onInput=${change("from")} /></label>
        <label>to <input type="datetime-local" required value=${form.to} onInput=${change("to")} /></label><span class="quiet">UTC</span>`}
      ${usesPeriod(dashboard) && html`<label>Interval <select value=${form.period} onChange=${change("period")}>
        <option value="">automatic</option>${periods.map((p) => html`<option>${p}</option>`)}</select></label>`}`}
    <button class="primary" disabled=${isBusy || dashboard.isRefreshing || (takesStore && !form.store)}>Refresh</button>
    <span aria-live="polite">${price.text}</span>
    <${ProblemNote} problem=${problem ?? price.problem} />
  </form>`;
}

const usesPeriod = (dashboard) => dashboard.widgets?.some((w) => w.parameters.includes("$Period$"));

/** StoreField chooses one of the stores of a category. */
function StoreField({ category, value, onChange }) {
  const { value: stores, problem } = useAnswer("stores");
  const fitting = stores?.filter((s) => s.category === category && !s.isActivity && s.status !== "PENDING_DELETION") ?? [];
  useEffect(() => {
    if (fitting.length > 0 && !value) onChange(fitting.toSorted((a, b) => b.events - a.events)[0].name);
  }, [stores]);
  if (problem) return html`<${ProblemNote} problem=${problem} />`;
  if (stores && fitting.length === 0) return html`<span class="quiet">No event data store for ${category.toLowerCase()} events that you may see.</span>`;
  return html`<label>Event data store <select value=${value} onChange=${(e) => onChange(e.target.value)}>${fitting.map((s) => html`<option>${s.name}</option>`)}</select></label>`;
}

/** usePrice asks what a refresh would scan: {text, problem}. */
function usePrice(dashboard, form, takesStore) {
  const [price, setPrice] = useState({ text: "" });
  const given = JSON.stringify(form);
  const isWhole = (!takesStore || form.store) && (form.span !== "custom" || (form.from && form.to)) && dashboard.widgets?.length > 0;
  useEffect(() => {
    if (!isWhole) return setPrice({ text: "" });
    const aborting = new AbortController();
    const widgets = dashboard.widgets.map(({ statement, parameters, view }) => ({ statement, parameters, view }));
    post("widgets/check", { ...valuesOf(form), widgets }, aborting.signal).then(
      (found) => setPrice({ text: priceText(found.widgets) }),
      (problem) => problem.name !== "AbortError" && setPrice({ text: "", problem }),
    );
    return () => aborting.abort();
  }, [given, dashboard.name, dashboard.widgets?.length]);
  return price;
}

/** sumOf adds the estimates of widgets: {lowBytes, highBytes, lowPrice, highPrice, unknown}. */
export function sumOf(checks) {
  const sum = { lowBytes: 0, highBytes: 0, lowPrice: 0, highPrice: 0, unknown: 0 };
  for (const { estimate } of checks) {
    if (!estimate) sum.unknown++;
    else for (const name of ["lowBytes", "highBytes", "lowPrice", "highPrice"]) sum[name] += estimate[name];
  }
  return sum;
}

function priceText(checks) {
  const sum = sumOf(checks);
  const rest = sum.unknown > 0 ? `; no estimate for ${plural(sum.unknown, "widget")}: ${checks.find((c) => c.problem)?.problem.message}` : "";
  return `Scans ${range(sum.lowBytes, sum.highBytes, bytes)}, ${range(sum.lowPrice, sum.highPrice, dollars)}${rest}`;
}
