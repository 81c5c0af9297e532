import { html, useEffect, useRef, useState } from "../vendor/preact.mjs";
import { post, put } from "../lib/api.mjs";
import { savedLink, savedOf } from "../lib/opening.mjs";
import { ProblemNote } from "./problem.mjs";

/** SaveTools saves a tab's statement on the server: under its name if it has one, otherwise under the one that the form asks for. */
export function SaveTools({ tab, onChange }) {
  const [isOpen, setOpen] = useState(false);
  const [problem, setProblem] = useState();
  const saved = tab.saved;
  const isChanged = saved && saved.statement !== tab.sql;
  const keep = async (asking) => {
    setProblem(undefined);
    try {
      const question = await asking;
      onChange(tab.id, { title: question.name, saved: savedOf(question, tab.sql) });
      setOpen(false);
    } catch (failure) {
      setProblem(failure);
    }
  };
  const body = (fields) => ({ base: 0, ...fields, statement: tab.sql, parameters: tab.values });
  const save = () => {
    if (!saved) return setOpen(true);
    const { folder, name, description, isShared, version } = saved;
    keep(put("saved/" + saved.id, body({ folder, name, description, isShared, base: version })));
  };
  const saveAs = (fields) => keep(post("saved", body(fields)));
  const saveChanged = (fields) => keep(put("saved/" + saved.id, body({ ...fields, base: saved.version })));

  return html`
    <button onClick=${save} title=${saved ? `Saves ${saved.name} as version ${saved.version + 1}` : "Saves the statement on the server"}>${saved && !isChanged ? "Saved" : "Save"}</button>
    <button onClick=${() => setOpen(!isOpen)} aria-expanded=${isOpen}>Save as…</button>
    ${saved && html`<a href=${savedLink(saved.id)} title="A link to this question, for users who may read it">Question</a>`}
    ${isOpen && html`<${SaveForm} saved=${saved} onSave=${saveAs} onChange=${saved && saveChanged} onClose=${() => setOpen(false)} />`}
    <${ProblemNote} problem=${problem} />`;
}

/** SaveForm asks for the name of a question and who sees it. onChange is undefined if there is no question to change. */
function SaveForm({ saved, onSave, onChange, onClose }) {
  const first = useRef();
  useEffect(() => first.current.focus(), []);
  const submitted = (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const text = (name) => form.get(name).trim();
    const fields = { name: text("name"), folder: text("folder"), description: text("description"), isShared: form.get("shared") !== null };
    (event.submitter?.value === "change" ? onChange : onSave)(fields);
  };
  return html`<form class="save-form" aria-label="Save the statement" onSubmit=${submitted} onKeyDown=${(e) => e.key === "Escape" && onClose()}>
    <label>Name <input name="name" required maxlength="200" ref=${first} value=${saved?.name} /></label>
    <label>Folder <input name="folder" maxlength="400" placeholder="team/topic" value=${saved?.folder} /></label>
    <label>Description <input name="description" maxlength="4000" value=${saved?.description} /></label>
    <label><input type="checkbox" name="shared" checked=${saved?.isShared} /> shared with everyone</label>
    <button class="primary" value="save">Save as a new question</button>
    ${onChange && html`<button value="change">Save as version ${saved.version + 1} of ${saved.name}</button>`}
    <button type="button" onClick=${onClose}>Close</button>
  </form>`;
}
