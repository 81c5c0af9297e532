import { html } from "../vendor/preact.mjs";
import { time } from "../lib/text.mjs";
import { useAnswer } from "../lib/use-answer.mjs";
import { ProblemNote } from "../parts/problem.mjs";
import { Table } from "../parts/table.mjs";

const columns = [
  { head: "Name", cell: (c) => c.name },
  { head: "Source", cell: (c) => c.source },
  { head: "Destinations", cell: (c) => c.destinations.join(", ") },
  { head: "Last accepted", isInstant: true, cell: (c) => time(c.successAt) },
  { head: "Last attempt", isInstant: true, cell: (c) => time(c.attemptAt) },
  { head: "Last error", cell: (c) => c.errorCode },
];

/** Page lists the channels. */
export function Page() {
  const { value, problem } = useAnswer("channels");
  return html`<h1>Channels</h1>
    <${ProblemNote} problem=${problem} />
    ${value && html`<${Table} label="Channels" columns=${columns} rows=${value} empty="No channels." />`}`;
}
