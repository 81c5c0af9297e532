import { html, useState } from "../vendor/preact.mjs";
import { bytes, count, time } from "../lib/text.mjs";
import { useAnswer } from "../lib/use-answer.mjs";
import { ProblemNote } from "../parts/problem.mjs";
import { Table } from "../parts/table.mjs";

/** Page lists the event data stores, and the columns of one. */
export function Page() {
  const { value, problem } = useAnswer("stores");
  const [chosen, setChosen] = useState();
  const columns = [
    { head: "Name", cell: (s) => html`<button class="link" aria-expanded=${s.name === chosen ? "true" : "false"} onClick=${() => setChosen(s.name)}>${s.name}</button>` },
    { head: "Category", cell: (s) => s.category },
    { head: "Status", cell: (s) => s.status },
    { head: "Events", isNumber: true, cell: (s) => count(s.events) },
    { head: "Stored", isNumber: true, cell: (s) => bytes(s.storedBytes) },
    { head: "Segments", isNumber: true, cell: (s) => count(s.segments) },
    { head: "Oldest", isInstant: true, cell: (s) => time(s.oldest) },
    { head: "Newest", isInstant: true, cell: (s) => time(s.newest) },
    { head: "Retention", isNumber: true, cell: (s) => (s.retentionDays === 36500 ? "forever" : `${count(s.retentionDays)} days`) },
  ];
  return html`<h1>Event data stores</h1>
    <${ProblemNote} problem=${problem} />
    ${value && html`<${Table} label="Event data stores" columns=${columns} rows=${value} empty="No event data stores that you may see. auditlake import creates the first one." />`}
    ${chosen && html`<${Columns} key=${chosen} store=${chosen} />`}`;
}

function Columns({ store }) {
  const { value, problem } = useAnswer(`stores/${encodeURIComponent(store)}/columns`);
  const columns = [
    { head: "Column", cell: (c) => html`<code>${c.name}</code>` },
    { head: "Type", cell: (c) => html`<code class="one-line" title=${c.type}>${c.type}</code>` },
    { head: "Example", cell: (c) => html`<code class="one-line" title=${c.example}>${c.example}</code>` },
    { head: "Description", cell: (c) => c.description },
  ];
  return html`<h2>Columns of ${store}</h2>
    <${ProblemNote} problem=${problem} />
    ${value && html`<${Table} label=${"Columns of " + store} columns=${columns} rows=${value} empty="" />`}`;
}
