import { html } from "../vendor/preact.mjs";
import { plural, time } from "../lib/text.mjs";
import { useAnswer } from "../lib/use-answer.mjs";
import { Dashboard } from "../parts/dashboard.mjs";
import { HighlightsButton, NewDashboard } from "../parts/new-dashboard.mjs";
import { ProblemNote } from "../parts/problem.mjs";
import { Table } from "../parts/table.mjs";

/** Page lists the dashboards, or shows the one that argument names. */
export function Page({ argument, caller }) {
  return argument ? html`<${Dashboard} key=${argument} name=${argument} caller=${caller} />` : html`<${List} />`;
}

const columns = [
  { head: "Dashboard", cell: (d) => html`<a href=${"#/dashboards/" + encodeURIComponent(d.name)}>${d.title}</a>` },
  { head: "Widgets", isNumber: true, cell: (d) => d.widgetCount },
  { head: "Last refresh", isInstant: true, cell: (d) => (d.refreshedAt ? time(d.refreshedAt).slice(0, 19) : html`<span class="quiet">never</span>`) },
  { head: "State", cell: (d) => html`<${State} dashboard=${d} />` },
  { head: "Schedule", cell: (d) => scheduleText(d.schedule) },
];

function State({ dashboard }) {
  if (dashboard.isRefreshing) return html`<span class="state running">refreshing</span>`;
  if (dashboard.failureReason) return html`<span class="state failed" title=${dashboard.failureReason}>failed</span>`;
  return dashboard.refreshId ? html`<span class="state finished">refreshed</span>` : "";
}

/** scheduleText says when a schedule refreshes. */
function scheduleText(schedule) {
  if (!schedule?.isEnabled) return "";
  if (schedule.unit === "DAYS") return `daily at ${schedule.timeOfDay || "00:00"} UTC`;
  return schedule.value === 1 ? "hourly" : `every ${plural(schedule.value, "hour")}`;
}

function List() {
  const { value, problem } = useAnswer("dashboards");
  if (!value) return html`<h1>Dashboards</h1>${problem ? html`<${ProblemNote} problem=${problem} />` : html`<p class="quiet">Loading…</p>`}`;
  const managed = value.filter((d) => d.isManaged && !d.isHighlights);
  const others = value.filter((d) => !d.isManaged || d.isHighlights);
  return html`<h1>Dashboards</h1>
    <h2>Yours</h2>
    <${Table} label="Your dashboards" columns=${columns} rows=${others} empty="No dashboards yet." />
    <${NewDashboard} label="Create dashboard" />
    ${!value.some((d) => d.isHighlights) && html`<${HighlightsButton} />`}
    <h2>Managed</h2>
    <p class="quiet">Included with auditlake. Each refresh reads one event data store of the dashboard's category.</p>
    <${Table} label="Managed dashboards" columns=${[...columns.slice(0, 1), { head: "Category", cell: (d) => d.category }, ...columns.slice(1, 4)]} rows=${managed} empty="You may not open any managed dashboard." />`;
}
