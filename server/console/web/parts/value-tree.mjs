import { html } from "../vendor/preact.mjs";
import { Digits, parseExact } from "../lib/exact-json.mjs";

const maxShown = 20_000; // characters of one text

/** ValueTree shows a value of a result; one that is nested as a tree. */
export function ValueTree({ value, isNested }) {
  if (value === null) return html`<span class="null">NULL</span>`;
  const parsed = isNested ? parseExact(value) : undefined;
  return parsed === undefined ? html`<${Leaf} value=${value} />` : html`<${Node} value=${parsed} path=${[]} />`;
}

/** Node shows a part of a JSON value. action, if there is one, returns what stands beside a leaf of a path. */
export function Node({ value, path, action }) {
  if (value === null || typeof value !== "object" || value instanceof Digits) {
    return html`<${Leaf} value=${value} />${action?.(path, value)}`;
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return html`<span class="quiet">${Array.isArray(value) ? "[]" : "{}"}</span>`;
  return html`<ul class="tree">${entries.map(([name, part]) => html`<li key=${name}>
    ${isBranch(part)
      ? html`<details open=${path.length < 2}><summary class="name">${name}</summary><${Node} value=${part} path=${[...path, name]} action=${action} /></details>`
      : html`<span class="name">${name}</span> <${Node} value=${part} path=${[...path, name]} action=${action} />`}
  </li>`)}</ul>`;
}

const isBranch = (value) => value !== null && typeof value === "object" && !(value instanceof Digits) && Object.keys(value).length > 0;

function Leaf({ value }) {
  if (value === null) return html`<span class="null">null</span>`;
  if (value === "") return html`<span class="null">''</span>`;
  const text = value instanceof Digits ? value.text : String(value);
  return html`<bdi class="value">${text.length > maxShown ? `${text.slice(0, maxShown)}… (${text.length} characters)` : text}</bdi>`;
}
