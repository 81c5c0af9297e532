import { html } from "../vendor/preact.mjs";
import { SampleQuestions } from "../parts/sample-questions.mjs";
import { SavedQuestions } from "../parts/saved-questions.mjs";

const parts = [
  { path: "", title: "Saved questions", Part: SavedQuestions },
  { path: "samples", title: "Samples", Part: SampleQuestions },
];

/** Page is the library of questions: those that people saved, and those that come with the program. argument is the path of a part. */
export function Page({ argument }) {
  const shown = parts.find((p) => p.path === argument) ?? parts[0];
  return html`<h1>Library</h1>
    <nav class="parts" aria-label="Parts of the library">
      ${parts.map((p) => html`<a href=${"#/library/" + p.path} aria-current=${p === shown ? "page" : undefined}>${p.title}</a>`)}
    </nav>
    <${shown.Part} key=${shown.path} />`;
}
