import { html, useEffect, useState } from "../vendor/preact.mjs";
import { post, put, remove } from "../lib/api.mjs";
import { bodyOf, draftOf, maxWidgets, newWidget, refreshesPerMonth } from "../lib/dashboard-draft.mjs";
import { dollars, plural, quoted, range } from "../lib/text.mjs";
import { useAnswer } from "../lib/use-answer.mjs";
import { LayoutGrid } from "./layout-grid.mjs";
import { ProblemNote } from "./problem.mjs";
import { sumOf } from "./refresh-form.mjs";
import { WidgetEditor } from "./widget-editor.mjs";

const path = (dashboard) => "dashboards/" + encodeURIComponent(dashboard.name);

/** DashboardEditor edits a dashboard in its place. onDone is called when the dashboard is saved or left as it was, onDeleted when it is gone. */
export function DashboardEditor({ dashboard, onDone, onDeleted }) {
  const [draft, setDraft] = useState(() => draftOf(dashboard));
  const [chosen, setChosen] = useState(); // key of the widget that is edited
  const [problem, setProblem] = useState();
  const { value: stores } = useAnswer("stores");
  const change = (changes) => setDraft((d) => ({ ...d, ...changes }));
  const changeWidget = (widget) => change({ widgets: draft.widgets.map((w) => (w.key === widget.key ? widget : w)) });
  const add = () => {
    const store = stores?.find((s) => s.events > 0 && !s.isActivity) ?? stores?.[0];
    const made = newWidget(store ? quoted(store.name) : "main");
    change({ widgets: [...draft.widgets, made] });
    setChosen(made.key);
  };
  const removeWidget = (key) => {
    change({ widgets: draft.widgets.filter((w) => w.key !== key) });
    if (chosen === key) setChosen(undefined);
  };
  const save = () => put(path(dashboard), bodyOf(draft)).then(onDone, setProblem);
  const widget = draft.widgets.find((w) => w.key === chosen);
  return html`<section aria-label="Editing">
    <div class="tools" role="toolbar" aria-label="Editing">
      <button class="primary" onClick=${save}>Save</button>
      <button onClick=${onDone}>Cancel</button>
      ${!dashboard.isManaged && html`<button disabled=${draft.widgets.length >= maxWidgets} onClick=${add}>Add widget</button>`}
      <label><input type="checkbox" checked=${draft.isProtected} onChange=${(e) => change({ isProtected: e.target.checked })} /> deletion protection</label>
      <${DeleteButton} dashboard=${dashboard} onDeleted=${onDeleted} onProblem=${setProblem} />
    </div>
    <${ScheduleForm} schedule=${draft.schedule} isFixed=${dashboard.isHighlights} onChange=${(schedule) => change({ schedule })} />
    <${MonthNote} draft=${draft} />
    <${ProblemNote} problem=${problem} />
    ${widget && html`<${WidgetEditor} key=${widget.key} widget=${widget} onChange=${changeWidget} onClose=${() => setChosen(undefined)} />`}
    ${!dashboard.isManaged && html`<${LayoutGrid} widgets=${draft.widgets} onChange=${(widgets) => change({ widgets })} onEdit=${setChosen} onRemove=${removeWidget} />`}
  </section>`;
}

/** DeleteButton deletes a dashboard when it is pressed twice. */
function DeleteButton({ dashboard, onDeleted, onProblem }) {
  const [isSure, setSure] = useState(false);
  if (!isSure) return html`<button onClick=${() => setSure(true)}>Delete…</button>`;
  return html`<button class="danger" onClick=${() => remove(path(dashboard)).then(onDeleted, onProblem)}>Delete ${dashboard.name} permanently</button>`;
}

const frequencies = { "": "only manually", "HOURS 1": "every hour", "HOURS 6": "every 6 hours", "HOURS 12": "every 12 hours", "HOURS 24": "every 24 hours", "DAYS 1": "every day" };

/** ScheduleForm chooses when a dashboard is refreshed. */
function ScheduleForm({ schedule, isFixed, onChange }) {
  const at = schedule?.isEnabled ? `${schedule.unit} ${schedule.value}` : "";
  const choose = (event) => {
    if (event.target.value === "") return onChange(schedule && { ...schedule, isEnabled: false });
    const [unit, value] = event.target.value.split(" ");
    onChange({ unit, value: Number(value), timeOfDay: schedule?.timeOfDay || "00:00", isEnabled: true });
  };
  const offered = Object.entries(frequencies).filter(([key]) => !isFixed || key === "" || key === "HOURS 6");
  return html`<fieldset class="parameters"><legend>Refresh schedule</legend>
    <label>Refresh <select value=${at} onChange=${choose}>${offered.map(([key, text]) => html`<option value=${key}>${text}</option>`)}</select></label>
    ${at && html`<label>${schedule.unit === "DAYS" ? "at" : "at the minute of"} <input type="time" required value=${schedule.timeOfDay} onChange=${(e) => onChange({ ...schedule, timeOfDay: e.target.value })} /> UTC</label>`}
  </fieldset>`;
}

/** MonthNote says what a month of the schedule costs: the estimate of one refresh over the last day, as often as the schedule refreshes. */
function MonthNote({ draft }) {
  const [sum, setSum] = useState();
  const times = refreshesPerMonth(draft.schedule);
  const widgets = JSON.stringify(bodyOf(draft).widgets.map(({ statement, parameters }) => ({ statement, parameters, view: {} })));
  useEffect(() => {
    if (times === 0) return;
    const aborting = new AbortController();
    const timer = setTimeout(() => post("widgets/check", { widgets: JSON.parse(widgets) }, aborting.signal).then((found) => setSum(sumOf(found.widgets)), () => {}), 350);
    return () => {
      clearTimeout(timer);
      aborting.abort();
    };
  }, [widgets, times]);
  if (times === 0) return html`<p class="quiet">Without a schedule, only manual refreshes cost money.</p>`;
  if (!sum) return html`<p class="quiet">Estimating the cost of a month…</p>`;
  return html`<p aria-live="polite">${plural(times, "refresh").replace(/refreshs$/, "refreshes")} in 30 days: <strong>${range(sum.lowPrice * times, sum.highPrice * times, dollars)} a month</strong>, estimated from a refresh over the last day.
    ${sum.unknown > 0 && html`<span class="advice"> ${plural(sum.unknown, "widget")} cannot be estimated.</span>`}</p>`;
}
