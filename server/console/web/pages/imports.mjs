import { html, useState } from "../vendor/preact.mjs";
import { bytes, count, time } from "../lib/text.mjs";
import { useAnswer } from "../lib/use-answer.mjs";
import { ProblemNote } from "../parts/problem.mjs";
import { Table } from "../parts/table.mjs";

/** Page lists the imports, and what one could not take in. */
export function Page() {
  const { value, problem } = useAnswer("imports");
  const [chosen, setChosen] = useState();
  const columns = [
    { head: "Started", isInstant: true, cell: (i) => html`<button class="link" aria-expanded=${i.id === chosen ? "true" : "false"} onClick=${() => setChosen(i.id)}>${time(i.startedAt)}</button>` },
    { head: "Status", cell: (i) => html`<span title=${i.error}>${i.status}</span>` },
    { head: "Store", cell: (i) => i.store },
    { head: "Source", cell: (i) => html`<span class="one-line" title=${i.sources.join("\n")}>${i.sources.join(", ")}</span>` },
    { head: "Files", isNumber: true, cell: (i) => count(i.files) },
    { head: "Failed", isNumber: true, cell: (i) => count(i.filesFailed) },
    { head: "Events", isNumber: true, cell: (i) => count(i.events) },
    { head: "Bytes", isNumber: true, cell: (i) => bytes(i.eventBytes) },
    { head: "Ended", isInstant: true, cell: (i) => time(i.endedAt) },
  ];
  return html`<h1>Imports</h1>
    <${ProblemNote} problem=${problem} />
    ${value && html`<${Table} label="Imports" columns=${columns} rows=${value} empty="No imports." />`}
    ${chosen && html`<${Failures} key=${chosen} id=${chosen} />`}`;
}

function Failures({ id }) {
  const { value, problem } = useAnswer(`imports/${id}/failures`);
  const columns = [
    { head: "File", cell: (f) => f.file },
    { head: "Record", isNumber: true, cell: (f) => (f.record < 0 ? "whole file" : count(f.record)) },
    { head: "Reason", cell: (f) => f.code },
    { head: "Message", cell: (f) => f.message },
    { head: "Status", cell: (f) => f.status },
  ];
  return html`<h2>Failures</h2>
    <${ProblemNote} problem=${problem} />
    ${value && html`<${Table} label="Failures" columns=${columns} rows=${value} empty="No failures." />`}`;
}
