import { html, useState } from "../vendor/preact.mjs";
import { post } from "../lib/api.mjs";
import { ProblemNote } from "./problem.mjs";
import { StoreField } from "./store-field.mjs";

/** WordsForm makes a statement of a question in English about a store, of stores; onStatement gets it with the question, onStore the store that is chosen. */
export function WordsForm({ stores, store, onStore, onStatement }) {
  const [problem, setProblem] = useState();
  const ask = async (event) => {
    event.preventDefault();
    const words = new FormData(event.target).get("words").trim();
    setProblem(undefined);
    try {
      onStatement((await post("words", { words, store })).sql, words);
    } catch (failure) {
      setProblem(failure);
    }
  };
  return html`<form class="tools words" aria-label="Ask in words" onSubmit=${ask}>
      <input name="words" required minlength="3" maxlength="500" aria-label="A question in words" placeholder="Ask in words: who deleted buckets last week?" />
      ${stores.length > 1 && html`<${StoreField} stores=${stores} name=${store} onChange=${onStore} />`}
      <button>Write SQL</button>
    </form>
    <${ProblemNote} problem=${problem} />`;
}
