import { html, useEffect, useState } from "../vendor/preact.mjs";
import { parameters, remove } from "../lib/api.mjs";
import { bytes, count, dollars, millis, time } from "../lib/text.mjs";
import { useAnswer } from "../lib/use-answer.mjs";
import { ProblemNote } from "../parts/problem.mjs";
import { Table } from "../parts/table.mjs";

/** Page lists who asked what; those that run can be cancelled. */
export function Page() {
  const [mine, setMine] = useState(false);
  const [running, setRunning] = useState(false);
  const { value, problem, reload } = useAnswer("queries?" + parameters({ mine, running }));
  const [refusal, setRefusal] = useState();
  useEffect(() => {
    const timer = setInterval(reload, 3000);
    return () => clearInterval(timer);
  }, []);
  const cancel = (id) => remove("queries/" + id).catch(setRefusal).then(reload);
  const columns = [
    { head: "Submitted", isInstant: true, cell: (q) => time(q.createdAt) },
    { head: "State", cell: (q) => html`<span class=${"state " + q.state.toLowerCase()} title=${q.errorMessage}>${q.errorName || q.state}</span>` },
    { head: "User", cell: (q) => q.user.replace(/^.*:/, "") || "lake owner" },
    { head: "Interface", cell: (q) => q.door },
    { head: "Statement", cell: (q) => html`<code class="one-line" title=${q.sql}>${q.sql}</code>` },
    { head: "Rows", isNumber: true, cell: (q) => count(q.rows) },
    { head: "Scanned", isNumber: true, cell: (q) => bytes(q.bytesScanned) },
    { head: "Price", isNumber: true, cell: (q) => dollars(q.price) },
    { head: "Time", isNumber: true, cell: (q) => millis(q.elapsedMillis) },
    { head: "", cell: (q) => (q.isOver ? q.isKept && html`<a href=${"#/editor/" + q.id}>Result</a>` : html`<button onClick=${() => cancel(q.id)}>Cancel</button>`) },
  ];
  return html`<h1>Queries</h1>
    <p class="tools">
      <label><input type="checkbox" checked=${mine} onChange=${(e) => setMine(e.target.checked)} /> only mine</label>
      <label><input type="checkbox" checked=${running} onChange=${(e) => setRunning(e.target.checked)} /> only waiting or running</label>
    </p>
    <${ProblemNote} problem=${refusal ?? problem} />
    ${value && html`<${Table} label="Queries" columns=${columns} rows=${value} empty="No queries." />`}`;
}
