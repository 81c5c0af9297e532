import { html, useState } from "../vendor/preact.mjs";
import { bytes, count, dollars } from "../lib/text.mjs";
import { useAnswer } from "../lib/use-answer.mjs";
import { ProblemNote } from "../parts/problem.mjs";
import { Table } from "../parts/table.mjs";

const columns = [
  { head: "Day", cell: (d) => d.day },
  { head: "Store", cell: (d) => d.store },
  { head: "Events", isNumber: true, cell: (d) => count(d.ingestedEvents) },
  { head: "Ingested", isNumber: true, cell: (d) => bytes(d.ingestedBytes) },
  { head: "Ingestion price", isNumber: true, cell: (d) => dollars(d.ingestionPrice) },
  { head: "Queries", isNumber: true, cell: (d) => count(d.queries) },
  { head: "Scanned", isNumber: true, cell: (d) => bytes(d.scannedBytes) },
  { head: "Query price", isNumber: true, cell: (d) => dollars(d.queryPrice) },
  { head: "Stored", isNumber: true, cell: (d) => bytes(d.storedBytes) },
];

const userColumns = [
  { head: "User", cell: (u) => u.user || "lake owner" },
  { head: "Queries", isNumber: true, cell: (u) => count(u.queries) },
  { head: "Scanned", isNumber: true, cell: (u) => bytes(u.scannedBytes) },
  { head: "Price", isNumber: true, cell: (u) => dollars(u.queryPrice) },
];

/** Page says what the stores did in a month, and what the managed service would charge for it. */
export function Page() {
  const [month, setMonth] = useState("");
  const { value, problem } = useAnswer("usage?month=" + encodeURIComponent(month));
  return html`<h1>Usage</h1>
    <p><label>Month <input type="month" value=${month || value?.month} onChange=${(e) => setMonth(e.target.value)} /></label></p>
    <${ProblemNote} problem=${problem} />
    ${value && html`
      <h2>By store</h2>
      <${Table} label="By store" columns=${columns} rows=${value.totals} empty="No usage." />
      <p class="quiet">Extended storage: ${dollars(value.extendedStoragePrice)} a month. Prices are estimates of what the managed service would charge (price book of ${value.priceBook}).</p>
      <${Forecast} usage=${value} />
      <${Users} month=${value.month} />
      <h2>By day</h2>
      <${Table} label="By day" columns=${columns} rows=${value.days} empty="No usage." />`}`;
}

/** Users says who asked how much in a month. */
function Users({ month }) {
  const { value, problem } = useAnswer("usage/users?month=" + month);
  return html`<h2>By user</h2>
    <${ProblemNote} problem=${problem} />
    ${value && html`<${Table} label="By user" columns=${userColumns} rows=${value} empty="The activity store has no queries for this month." />`}`;
}

/** Forecast says what the month comes to if its other days are as those so far. */
function Forecast({ usage }) {
  const now = new Date();
  if (usage.month !== now.toISOString().slice(0, 7)) return null;
  const [year, month] = usage.month.split("-").map(Number);
  const share = (now.getTime() - Date.UTC(year, month - 1, 1)) / (Date.UTC(year, month, 1) - Date.UTC(year, month - 1, 1));
  const price = usage.totals.reduce((sum, t) => sum + t.ingestionPrice + t.queryPrice, 0);
  return html`<p>${dollars(price)} so far; ${dollars(price / share)} for the whole month at this rate.</p>`;
}
