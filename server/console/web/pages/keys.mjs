import { html, useState } from "../vendor/preact.mjs";
import { remove } from "../lib/api.mjs";
import { bytes, time } from "../lib/text.mjs";
import { useAnswer } from "../lib/use-answer.mjs";
import { ProblemNote } from "../parts/problem.mjs";
import { Table } from "../parts/table.mjs";

/** Page lists the access keys, and who is signed in with them. */
export function Page() {
  const keys = useAnswer("keys");
  const sessions = useAnswer("sessions");
  const [refusal, setRefusal] = useState();
  const end = (handle) => remove("sessions/" + handle).catch(setRefusal).then(sessions.reload);
  const limit = (n) => (n === 0 ? "none" : bytes(n));
  const keyColumns = [
    { head: "ID", cell: (k) => html`<code>${k.id}</code>${k.isThis && " (yours)"}` },
    { head: "Principal", cell: (k) => k.principal },
    { head: "State", cell: (k) => k.state },
    { head: "Policies", cell: (k) => (k.isRoot ? "full access" : k.policies.join(", ") || "none") },
    { head: "Limit per query", isNumber: true, cell: (k) => limit(k.maxBytesPerQuery) },
    { head: "Limit per day", isNumber: true, cell: (k) => limit(k.maxBytesPerDay) },
    { head: "Created", isInstant: true, cell: (k) => time(k.createdAt) },
    { head: "Expires", isInstant: true, cell: (k) => time(k.expiresAt) || "never" },
  ];
  const sessionColumns = [
    { head: "Signed in", isInstant: true, cell: (s) => time(s.createdAt) },
    { head: "Last seen", isInstant: true, cell: (s) => time(s.seenAt) },
    { head: "Key", cell: (s) => html`<code>${s.keyId}</code>` },
    { head: "Address", cell: (s) => s.ip },
    { head: "Browser", cell: (s) => html`<span class="one-line" title=${s.program}>${s.program}</span>` },
    { head: "", cell: (s) => (s.isThis ? "this session" : html`<button onClick=${() => end(s.handle)}>End</button>`) },
  ];
  return html`<h1>Keys</h1>
    <${ProblemNote} problem=${keys.problem} />
    ${keys.value && html`<${Table} label="Access keys" columns=${keyColumns} rows=${keys.value} empty="No keys." />`}
    <p class="quiet"><code>auditlake keys create</code> creates keys, <code>auditlake keys revoke</code> revokes them.</p>
    <h2>Sessions</h2>
    <${ProblemNote} problem=${refusal ?? sessions.problem} />
    ${sessions.value && html`<${Table} label="Sessions" columns=${sessionColumns} rows=${sessions.value} empty="No sessions." />`}`;
}
