import { html } from "../vendor/preact.mjs";
import { SavedQuestions } from "../parts/saved-questions.mjs";

/** Page is the library of questions: those that people saved. */
export function Page() {
  return html`<h1>Library</h1><${SavedQuestions} />`;
}
