import { html, useState } from "../vendor/preact.mjs";
import { post } from "../lib/api.mjs";
import { ProblemNote } from "./problem.mjs";
import { StoreField, useStores } from "./store-field.mjs";

/** WordsForm makes a statement of a question in English; onStatement gets it with the question. */
export function WordsForm({ onStatement }) {
  const stores = useStores();
  const [store, setStore] = useState("");
  const [problem, setProblem] = useState();
  const name = store || stores[0]?.name;
  const ask = async (event) => {
    event.preventDefault();
    const words = new FormData(event.target).get("words").trim();
    setProblem(undefined);
    try {
      onStatement((await post("words", { words, store: name })).sql, words);
    } catch (failure) {
      setProblem(failure);
    }
  };
  if (!name) return null;
  return html`<form class="tools words" aria-label="Ask in words" onSubmit=${ask}>
      <input name="words" required minlength="3" maxlength="500" aria-label="A question in words" placeholder="Ask in words: who deleted buckets last week?" />
      ${stores.length > 1 && html`<${StoreField} stores=${stores} name=${name} onChange=${setStore} />`}
      <button>Write the statement</button>
    </form>
    <${ProblemNote} problem=${problem} />`;
}
