import { html, useState } from "../vendor/preact.mjs";
import { post } from "../lib/api.mjs";
import { cellText } from "../lib/cells.mjs";
import { ProblemNote } from "./problem.mjs";

/** Summary says in sentences what a result holds, when it is asked for. */
export function Summary({ id }) {
  const [sentences, setSentences] = useState();
  const [problem, setProblem] = useState();
  const ask = () => {
    setProblem(undefined);
    post(`queries/${id}/summary`, {}).then((found) => setSentences(found.sentences), setProblem);
  };
  return html`<button onClick=${() => (sentences ? setSentences(undefined) : ask())} aria-expanded=${!!sentences}>${sentences ? "Hide summary" : "Summarize"}</button>
    <${ProblemNote} problem=${problem} />
    ${sentences && html`<section class="side-note summary" aria-label="Summary">${sentences.map((s) => html`<p>${cellText(s)}</p>`)}</section>`}`;
}
