import { html, useState } from "../vendor/preact.mjs";
import { post } from "../lib/api.mjs";
import { ProblemNote } from "./problem.mjs";

const highlights = "AWSCloudTrail-Highlights";

/** openDashboard goes to the place of a dashboard. */
export const openDashboard = (name) => (location.hash = "#/dashboards/" + encodeURIComponent(name));

/** NewDashboard makes a dashboard: an empty one, or one with the widgets of a managed one, which from names, over a store. */
export function NewDashboard({ from = "", store = "", label }) {
  const [name, setName] = useState(from.replace(/^AWSCloudTrail-/, ""));
  const [problem, setProblem] = useState();
  const make = (event) => {
    event.preventDefault();
    post("dashboards", { name, from, store, widgets: [] }).then(() => openDashboard(name), setProblem);
  };
  return html`<form class="conditions screen-only" aria-label=${label} onSubmit=${make}>
    <label>Name <input required minlength="3" maxlength="128" pattern="[a-zA-Z0-9_\\-]+" title="3 to 128 letters, digits, underscores, and hyphens" value=${name} onInput=${(e) => setName(e.target.value)} /></label>
    <button disabled=${from !== "" && !store}>${label}</button>
    <${ProblemNote} problem=${problem} />
  </form>`;
}

/** HighlightsButton switches the Highlights dashboard on, refreshed every six hours. */
export function HighlightsButton() {
  const [problem, setProblem] = useState();
  const enable = () => post("dashboards", { name: highlights, widgets: [], schedule: { unit: "HOURS", value: 6, timeOfDay: "00:00", isEnabled: true } })
    .then(() => openDashboard(highlights), setProblem);
  return html`<p><button onClick=${enable}>Enable the Highlights dashboard</button> <span class="quiet">It refreshes every six hours over all stores and has deletion protection.</span></p>
    <${ProblemNote} problem=${problem} />`;
}
