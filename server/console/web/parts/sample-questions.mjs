import { html, useEffect, useState } from "../vendor/preact.mjs";
import { parameters } from "../lib/api.mjs";
import { sampleLink } from "../lib/opening.mjs";
import { useAnswer } from "../lib/use-answer.mjs";
import { ProblemNote } from "./problem.mjs";
import { StoreField, useStores } from "./store-field.mjs";
import { Table } from "./table.mjs";

const quietMillis = 250; // after the last key

/** SampleQuestions lists the questions that come with the program, by theme or by what a phrase is about. */
export function SampleQuestions() {
  const [typed, setTyped] = useState("");
  const [phrase, setPhrase] = useState("");
  const [store, setStore] = useState("");
  const stores = useStores();
  const { value, problem } = useAnswer("samples?" + parameters({ phrase }));
  useEffect(() => {
    const timer = setTimeout(() => setPhrase(typed.trim()), quietMillis);
    return () => clearTimeout(timer);
  }, [typed]);
  const name = store || stores[0]?.name || "main";
  const columns = [
    { head: "Question", cell: (s) => html`<a href=${sampleLink(s.name, name)}>${s.name}</a>` },
    { head: "What it finds", cell: (s) => s.description },
    { head: "Runs on", cell: (s) => s.category.toLowerCase() + " events" },
  ];
  return html`
    <p class="tools">
      <label>Search <input type="search" value=${typed} onInput=${(e) => setTyped(e.target.value)} placeholder="console login without mfa" /></label>
      <${StoreField} stores=${stores} name=${name} onChange=${setStore} />
    </p>
    <${ProblemNote} problem=${problem} />
    ${value && phrase && html`<${Table} label="Matching samples" columns=${columns} rows=${value} empty="No matching samples." />`}
    ${value && !phrase && themes(value, stores.find((s) => s.name === name)?.category).map(([theme, samples]) => html`<section key=${theme} aria-label=${theme}>
      <h2>${theme}</h2>
      <${Table} label=${"Samples of " + theme} columns=${columns} rows=${samples} />
    </section>`)}`;
}

/** themes returns the samples of each theme, first of those that are about events of a category, otherwise in the order of the library. */
function themes(samples, category) {
  const all = new Map();
  for (const s of samples) all.set(s.theme, [...(all.get(s.theme) ?? []), s]);
  const rank = ([, found]) => (found.some((s) => s.category === category) ? 0 : 1);
  return [...all].sort((a, b) => rank(a) - rank(b));
}
