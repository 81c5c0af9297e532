import { html, useEffect, useState } from "../vendor/preact.mjs";
import { get } from "../lib/api.mjs";
import { openInEditor } from "../lib/tabs-store.mjs";
import { bytes, dollars, time } from "../lib/text.mjs";
import { useAnswer } from "../lib/use-answer.mjs";
import { DashboardGrid } from "./dashboard-grid.mjs";
import { ProblemNote } from "./problem.mjs";
import { RefreshForm } from "./refresh-form.mjs";

const pollMillis = 500;

/** Dashboard shows the widgets of a dashboard with the kept answers of its last refresh, and refreshes it. */
export function Dashboard({ name, caller }) {
  const { value, problem, reload } = useAnswer("dashboards/" + encodeURIComponent(name));
  const [refusal, setRefusal] = useState();
  useEffect(() => {
    if (!value?.isRefreshing) return;
    const timer = setTimeout(reload, pollMillis);
    return () => clearTimeout(timer);
  }, [value]);
  if (!value) return problem ? html`<h1>${name}</h1><${ProblemNote} problem=${problem} />` : html`<p class="quiet">Loading…</p>`;
  const open = (sql, title) => openInEditor(caller.principal, sql, title);
  const showEvents = async (query, row) => {
    setRefusal(undefined);
    try {
      const found = await get(`queries/${query.id}/events?row=${row}`);
      open((found.why ? `-- ${found.why}\n` : "") + found.sql, "Events");
    } catch (failure) {
      setRefusal(failure);
    }
  };
  return html`<div class="dashboard-page">
    <header class="dashboard-head">
      <h1>${value.title}</h1>
      <a class="screen-only" href="#/dashboards">All dashboards</a>
    </header>
    <${RefreshNote} dashboard=${value} />
    <${RefreshForm} dashboard=${value} onBegun=${reload} />
    <${ProblemNote} problem=${refusal ?? problem} />
    <${DashboardGrid} widgets=${value.widgets ?? []} onEvents=${showEvents} onStatement=${(w) => open(w.query?.sql ?? w.statement, w.title)} />
  </div>`;
}

/** RefreshNote says when a dashboard was refreshed and what that scanned. */
function RefreshNote({ dashboard }) {
  if (!dashboard.refreshId) {
    return html`${dashboard.failureReason && html`<${FailureNote} reason=${dashboard.failureReason} />`}<p class="quiet">This dashboard was never refreshed.</p>`;
  }
  const done = dashboard.widgets.filter((w) => w.query?.isOver).length;
  return html`
    <p aria-live="polite">${dashboard.isRefreshing
      ? html`Refreshing: ${done} of ${dashboard.widgets.length} widgets are done. <progress aria-label="Widgets that are done" max=${dashboard.widgets.length} value=${done}></progress>`
      : html`Refreshed ${time(dashboard.refreshedAt).slice(0, 19)} UTC. Scanned ${bytes(dashboard.bytesScanned)}, ${dollars(dashboard.price)}.`}</p>
    ${dashboard.failureReason && html`<${FailureNote} reason=${dashboard.failureReason} />`}`;
}

const FailureNote = ({ reason }) => html`<p class="problem" role="alert"><strong>The last refresh failed</strong> ${reason}</p>`;
