import { html } from "../vendor/preact.mjs";
import { bytes, millis, plural } from "../lib/text.mjs";

/** PlanTree shows a plan: each step with what it leaves out and, of one that ran, what it did. */
export function PlanTree({ plan, onClose }) {
  const root = plan.plan ?? plan;
  return html`<section class="plan" aria-label="Plan">
    <header><h2>Plan</h2><button onClick=${onClose}>Close</button></header>
    ${plan.text !== undefined ? html`<pre tabindex="0">${plan.text}</pre>` : html`<ul role="tree" aria-label="Steps"><${Step} step=${root} level=${1} /></ul>`}
  </section>`;
}

function Step({ step, level }) {
  const done = step.actual;
  return html`<li role="treeitem" aria-level=${level} aria-expanded=${step.children.length > 0 ? "true" : undefined}>
    <details open>
      <summary><strong>${step.name}</strong> ${done && html`<span class="quiet">${plural(done.rows, "row")}, ${millis(done.elapsedMillis)}${done.scan ? `, ${bytes(done.scan.bytesScanned)} scanned` : ""}</span>`}</summary>
      ${step.details.map((d) => html`<p class="detail">${d}</p>`)}
      ${step.children.length > 0 && html`<ul role="group">${step.children.map((child) => html`<${Step} key=${child.id} step=${child} level=${level + 1} />`)}</ul>`}
    </details>
  </li>`;
}
