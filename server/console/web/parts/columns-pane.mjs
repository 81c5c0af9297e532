import { html, useState } from "../vendor/preact.mjs";
import { quoted } from "../lib/text.mjs";
import { useAnswer } from "../lib/use-answer.mjs";
import { ProblemNote } from "./problem.mjs";

/** ColumnsPane lists the columns of a store with their fields below them; looked for by a part of their names, they stand with their whole names. onPick gets what is to be written of the store or column that was clicked. */
export function ColumnsPane({ store, onPick }) {
  const { value, problem } = useAnswer(`stores/${encodeURIComponent(store)}/columns`);
  const [part, setPart] = useState("");
  const wanted = part.trim().toLowerCase();
  const shown = (value ?? []).filter((c) => c.name.toLowerCase().includes(wanted));
  return html`<aside class="side columns" aria-label="Columns">
    <header><h2><button class="link" title=${"Insert " + quoted(store)} onClick=${() => onPick(quoted(store))}>${store}</button></h2></header>
    <label>Filter columns <input type="search" value=${part} onInput=${(e) => setPart(e.target.value)} /></label>
    <${ProblemNote} problem=${problem} />
    ${value && shown.length === 0 && html`<p class="quiet">No matching columns.</p>`}
    <ul>${shown.map((c) => html`<li key=${c.name} style=${{ paddingLeft: wanted ? 0 : c.name.split(".").length - 1 + "em" }}>
      <button class="link" title=${[c.name, c.description, c.example && "Example: " + c.example].filter(Boolean).join("\n")} onClick=${() => onPick(c.name)}>${wanted ? c.name : c.name.split(".").at(-1)}</button>
      <span class="quiet" title=${c.type}>${shortType(c.type)}</span>
    </li>`)}</ul>
  </aside>`;
}

/** shortType is a type without what is in its parentheses. */
const shortType = (type) => type.replace(/\(.*\)$/s, "");
