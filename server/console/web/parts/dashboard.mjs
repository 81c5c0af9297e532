import { html, useEffect, useState } from "../vendor/preact.mjs";
import { get, post } from "../lib/api.mjs";
import { openInEditor } from "../lib/tabs-store.mjs";
import { useAnswer } from "../lib/use-answer.mjs";
import { DashboardGrid } from "./dashboard-grid.mjs";
import { NewDashboard } from "./new-dashboard.mjs";
import { ProblemNote } from "./problem.mjs";
import { RefreshNote } from "./refresh-note.mjs";
import { RefreshForm } from "./refresh-form.mjs";

const pollMillis = 500;

/** Dashboard shows the widgets of a dashboard with the kept answers of its last refresh, and refreshes it. */
export function Dashboard({ name, caller }) {
  const { value, problem, reload } = useAnswer("dashboards/" + encodeURIComponent(name));
  const [refusal, setRefusal] = useState();
  const [Editor, setEditor] = useState(); // while the dashboard is edited
  const [store, setStore] = useState("");
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
  const edit = () => import("./dashboard-editor.mjs").then((module) => setEditor(() => module.DashboardEditor));
  const leave = () => {
    setEditor(undefined);
    reload();
  };
  const takesStore = value.isManaged && !value.isHighlights;
  return html`<div class="dashboard-page">
    <header class="dashboard-head">
      <h1>${value.title}</h1>
      <span class="widget-tools screen-only">
        ${!takesStore && !Editor && html`<button onClick=${edit}>Edit</button>`}
        <button onClick=${() => print()}>Print</button>
        <a href="#/dashboards">All dashboards</a>
      </span>
    </header>
    <${RefreshNote} dashboard=${value} />
    ${Editor
      ? html`<${Editor} dashboard=${value} onDone=${leave} onDeleted=${() => (location.hash = "#/dashboards")} />`
      : html`<${RefreshForm} dashboard=${value} onBegun=${reload} onStore=${setStore} />`}
    ${takesStore && html`<${NewDashboard} from=${value.name} store=${store} label="Save as your own dashboard" />`}
    <${MissingNote} dashboard=${value} onLet=${reload} />
    <${ProblemNote} problem=${refusal ?? problem} />
    ${!Editor && html`<${DashboardGrid} widgets=${value.widgets ?? []} onEvents=${showEvents} onStatement=${(w) => open(w.query?.sql ?? w.statement, w.title)} />`}
  </div>`;
}

/** MissingNote says whose policies do not let the service refresh a dashboard, and puts what is missing. */
function MissingNote({ dashboard, onLet }) {
  const [problem, setProblem] = useState();
  if (dashboard.missing.length === 0) return null;
  const allow = () => post(`dashboards/${encodeURIComponent(dashboard.name)}/permissions`, {}).then(onLet, setProblem);
  return html`<p class="advice screen-only">Refreshes run as cloudtrail.amazonaws.com, which the policies of these do not allow: ${dashboard.missing.join(", ")}. <button onClick=${allow}>Allow it for this dashboard</button></p>
    <${ProblemNote} problem=${problem} />`;
}
