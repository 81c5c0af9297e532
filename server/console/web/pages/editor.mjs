import { html, useCallback, useEffect, useRef, useState } from "../vendor/preact.mjs";
import { get, post, remove } from "../lib/api.mjs";
import { tabOf } from "../lib/opening.mjs";
import { loadTabs, newTab, saveTabs } from "../lib/tabs-store.mjs";
import { quoted } from "../lib/text.mjs";
import { formatSQL } from "../lib/format-sql.mjs";
import { ColumnsPane } from "../parts/columns-pane.mjs";
import { argumentsOf, Cost, useCheck } from "../parts/cost.mjs";
import { ParameterFields } from "../parts/parameter-fields.mjs";
import { PlanTree } from "../parts/plan-tree.mjs";
import { ProblemNote } from "../parts/problem.mjs";
import { Progress } from "../parts/progress.mjs";
import { Result } from "../parts/result.mjs";
import { SaveTools } from "../parts/save-tools.mjs";
import { SQLEditor } from "../parts/sql-editor.mjs";
import { useStores } from "../parts/store-field.mjs";
import { TabBar } from "../parts/tab-bar.mjs";
import { WordsForm } from "../parts/words-form.mjs";

const columnsFit = () => window.innerWidth >= 1280;

/** Page is the editor with its tabs and, below, what the active tab's statement answered. argument says what to open, see opening.mjs. */
export function Page({ argument, caller }) {
  const [state, setState] = useState(() => loadTabs(caller.principal));
  useEffect(() => saveTabs(caller.principal, state), [state]);
  const tab = state.tabs.find((t) => t.id === state.active) ?? state.tabs[0];
  const stores = useStores();
  const [chosen, setChosen] = useState("");
  const store = chosen || stores[0]?.name;
  const [hasColumns, setColumns] = useState(columnsFit);
  const editor = useRef();

  const change = useCallback((id, changes) => setState((s) => ({ ...s, tabs: s.tabs.map((t) => (t.id === id ? { ...t, ...changes } : t)) })), []);
  const open = useCallback((sql, title = "", more = {}) => {
    const made = { ...newTab(sql, title), ...more };
    setState((s) => ({ tabs: [...s.tabs, made], active: made.id }));
  }, []);
  const close = (id) => setState((s) => {
    const at = s.tabs.findIndex((t) => t.id === id);
    const tabs = s.tabs.filter((t) => t.id !== id);
    if (tabs.length === 0) tabs.push(newTab());
    return { tabs, active: s.active === id ? tabs[Math.min(at, tabs.length - 1)].id : s.active };
  });
  useEffect(() => { // whoever is new here finds a question
    if (state.tabs.length === 1 && tab.sql === "" && !argument) sampleStatement().then((sql) => change(tab.id, { sql }), () => {});
  }, []);
  useEffect(() => { // a link to a result, or to a question: its statement in a tab of its own
    if (!argument) return;
    const there = state.tabs.find((t) => t.queryId === argument);
    if (there) setState((s) => ({ ...s, active: there.id }));
    else tabOf(argument).then((made) => open(made.sql, made.title, made.more), (problem) => open("", "", { failure: problem.message }));
    history.replaceState(null, "", "#/editor");
  }, [argument]);

  const write = (sql, words) => (tab.sql.trim() === "" && !tab.saved ? change(tab.id, { sql, title: words }) : open(sql, words));

  return html`<div class="editor-page">
    <h1 class="unseen">Editor</h1>
    <div class="tools">
      <${TabBar} tabs=${state.tabs} active=${tab.id} onChoose=${(active) => setState((s) => ({ ...s, active }))} onAdd=${() => open("")} onClose=${close} />
      ${store && html`<button class="columns-switch" aria-pressed=${hasColumns} onClick=${() => setColumns(!hasColumns)}>Columns</button>`}
    </div>
    ${store && html`<${WordsForm} stores=${stores} store=${store} onStore=${setChosen} onStatement=${write} />`}
    <div class="editor-body">
      <div class="workbench"><${Workbench} key=${tab.id} tab=${tab} editor=${editor} onChange=${change} onOpen=${open} /></div>
      ${store && hasColumns && html`<${ColumnsPane} key=${store} store=${store} onPick=${(text) => editor.current?.insert(text)} />`}
    </div>
  </div>`;
}

/** sampleStatement is a question about a store that there is. */
async function sampleStatement() {
  const store = (await get("stores")).find((s) => s.events > 0 && !s.isActivity);
  return store ? `SELECT eventsource, eventname, count(*) AS events\nFROM ${quoted(store.name)}\nWHERE eventtime > now() - INTERVAL '7' DAY\nGROUP BY 1, 2\nORDER BY events DESC\nLIMIT 100` : "";
}

/** Workbench is one statement: text, parameters, cost, and its answer. editor gets the commands of its text. */
function Workbench({ tab, editor, onChange, onOpen }) {
  const check = useCheck(tab.sql, tab.values);
  const [query, setQuery] = useState();
  const [plan, setPlan] = useState();
  const [problem, setProblem] = useState(tab.failure && { code: "NOT_FOUND", message: tab.failure });
  const isRunning = query && !query.isOver;

  useEffect(() => { // a query that was asked before goes on while the page is elsewhere
    if (!tab.queryId) return;
    const following = { isGone: false };
    follow(tab.queryId, following, setQuery).catch((failure) => {
      if (failure.code !== "NOT_FOUND") setProblem(failure);
      else onChange(tab.id, { queryId: "" }); // it has left the history
    });
    return () => (following.isGone = true);
  }, [tab.queryId]);

  const parametersNow = () => (check?.of === tab.sql ? check.parameters : []);
  const submit = async (path, more) => {
    setProblem(undefined);
    try {
      let known = check?.of === tab.sql ? check : await post("check", { sql: tab.sql, arguments: [] });
      return await post(path, { sql: tab.sql, arguments: argumentsOf(known.parameters, tab.values), ...more });
    } catch (failure) {
      setProblem(failure);
    }
  };
  const run = async () => {
    if (isRunning || tab.sql.trim() === "") return;
    setPlan(undefined);
    const started = await submit("queries");
    if (started) onChange(tab.id, { queryId: started.id });
  };
  const explain = async (analyze) => {
    const found = await submit("explain", { analyze });
    if (found) setPlan(found);
  };
  const cancel = () => remove("queries/" + query.id).catch((failure) => failure.code !== "QUERY_OVER" && setProblem(failure)); // how it ended is told by follow
  const shown = problem ?? check?.problem;

  return html`
    <${SQLEditor} text=${tab.sql} problem=${check?.of === tab.sql ? shown : problem} onRun=${run} onReady=${(c) => (editor.current = c)}
      onChange=${(sql) => { setProblem(undefined); onChange(tab.id, { sql }); }} />
    <div class="tools" role="toolbar" aria-label="Statement">
      ${isRunning
        ? html`<button class="primary" onClick=${cancel}>Cancel</button>`
        : html`<button class="primary" onClick=${run} title="Ctrl-Enter">Run</button>`}
      <button onClick=${() => explain(false)}>Explain</button>
      <button onClick=${() => explain(true)} title="Runs the statement and shows what each step did">Analyze</button>
      <button onClick=${() => editor.current?.setText(formatSQL(tab.sql))}>Format</button>
      <button onClick=${() => editor.current?.toggleComment()} title="Ctrl-/">Comment</button>
      <${SaveTools} tab=${tab} onChange=${onChange} />
      <${Cost} check=${check} />
    </div>
    <${ParameterFields} parameters=${parametersNow()} values=${tab.values} onChange=${(name, value) => onChange(tab.id, { values: { ...tab.values, [name]: value } })} />
    <${ProblemNote} problem=${shown} />
    ${plan && html`<${PlanTree} plan=${plan} onClose=${() => setPlan(undefined)} />`}
    ${query && html`<${Progress} query=${query} />`}
    ${query?.isKept && html`<${Result} key=${query.id} query=${query} onOpen=${onOpen} />`}`;
}

/** follow asks how far a query has come until it has ended. */
async function follow(id, following, report) {
  for (let waitMillis = 200; ; waitMillis = Math.min(2 * waitMillis, 1000)) {
    const query = await get(`queries/${id}?waitMillis=${waitMillis}`);
    if (following.isGone) return;
    report(query);
    if (query.isOver) return;
    if (query.state === "QUEUED" || query.door !== "console") await new Promise((done) => setTimeout(done, waitMillis));
  }
}
