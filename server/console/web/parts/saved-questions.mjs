import { html, useState } from "../vendor/preact.mjs";
import { remove } from "../lib/api.mjs";
import { savedLink } from "../lib/opening.mjs";
import { plural, time } from "../lib/text.mjs";
import { useAnswer } from "../lib/use-answer.mjs";
import { ProblemNote } from "./problem.mjs";
import { Table } from "./table.mjs";

/** SavedQuestions lists the questions that people saved, folder by folder. */
export function SavedQuestions() {
  const { value, problem, reload } = useAnswer("saved");
  const [wanted, setWanted] = useState("");
  const [shown, setShown] = useState(); // the question whose versions are shown
  const [refusal, setRefusal] = useState();
  const [doomed, setDoomed] = useState(); // the question whose deletion was asked for once
  const forget = (id) => {
    if (doomed !== id) return setDoomed(id);
    setDoomed(undefined);
    remove("saved/" + id).catch(setRefusal).then(reload);
  };
  const columns = [
    { head: "Name", cell: (q) => html`<a href=${savedLink(q.id)} title=${q.description}>${q.name}</a>` },
    { head: "Description", cell: (q) => html`<span class="one-line" title=${q.description}>${q.description}</span>` },
    { head: "Visible to", cell: (q) => (q.isShared ? "everyone" : "only the owner") },
    { head: "Owner", cell: (q) => shortName(q.owner) },
    { head: "Changed", cell: (q) => `${time(q.changedAt)} by ${shortName(q.changedBy)}` },
    { head: "", cell: (q) => html`
      <button onClick=${() => setShown(shown === q.id ? undefined : q.id)} aria-expanded=${shown === q.id} aria-label=${"Versions of " + q.name}>${plural(q.version, "version")}</button>
      ${q.isMine && html` <button onClick=${() => forget(q.id)} aria-label=${(doomed === q.id ? "Really delete " : "Delete ") + q.name}>${doomed === q.id ? "Really delete" : "Delete"}</button>`}` },
  ];
  const found = (value ?? []).filter((q) => matches(q, wanted));
  const question = found.find((q) => q.id === shown);
  return html`
    <p><label>Search <input type="search" value=${wanted} onInput=${(e) => setWanted(e.target.value)} /></label></p>
    <${ProblemNote} problem=${refusal ?? problem} />
    ${value && found.length === 0 && html`<p class="quiet">${value.length === 0 ? html`No saved questions yet. Save one in the editor, or start with the <a href="#/library/samples">samples</a>.` : "No matching questions."}</p>`}
    ${question && html`<${Versions} key=${question.id + question.version} question=${question} onClose=${() => setShown(undefined)} />`}
    ${folders(found).map(([folder, questions]) => html`<section key=${folder} aria-label=${folder || "No folder"}>
      <h3>${folder || "No folder"}</h3>
      <${Table} label=${"Questions of " + (folder || "no folder")} columns=${columns} rows=${questions} />
    </section>`)}`;
}

/** Versions lists how a question was, the newest first; each is opened in the editor, where Save restores it. */
function Versions({ question, onClose }) {
  const { value, problem } = useAnswer(`saved/${question.id}/versions`);
  const columns = [
    { head: "Version", isNumber: true, cell: (v) => html`<a href=${savedLink(question.id, v.number)}>${v.number}</a>` },
    { head: "Saved", cell: (v) => `${time(v.at)} by ${shortName(v.by)}` },
    { head: "Name", cell: (v) => (v.folder ? v.folder + "/" : "") + v.name },
    { head: "Statement", cell: (v) => html`<code class="one-line" title=${v.statement}>${v.statement}</code>` },
  ];
  return html`<section class="side-note" aria-label=${"Versions of " + question.name}>
    <header><h3>Versions of ${question.name}</h3><button onClick=${onClose}>Close</button></header>
    <${ProblemNote} problem=${problem} />
    ${value && html`<${Table} label=${"Versions of " + question.name} columns=${columns} rows=${value} />
      <p class="quiet">Open an earlier version and save it to make it the newest.</p>`}
  </section>`;
}

/** shortName is the end of a principal's name. */
const shortName = (principal) => principal.replace(/^.*:/, "") || "lake owner";

const matches = (q, wanted) => wanted.toLowerCase().split(/\s+/).every((word) => `${q.folder} ${q.name} ${q.description}`.toLowerCase().includes(word));

/** folders returns the questions of each folder, which come by folder. */
function folders(questions) {
  const all = new Map();
  for (const q of questions) all.set(q.folder, [...(all.get(q.folder) ?? []), q]);
  return [...all];
}
