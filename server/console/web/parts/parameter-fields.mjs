import { html } from "../vendor/preact.mjs";

/** ParameterFields has a field for each parameter of a statement. */
export function ParameterFields({ parameters, values, onChange }) {
  if (parameters.length === 0) return null;
  return html`<fieldset class="parameters">
    <legend>Parameters</legend>
    ${parameters.map((p) => html`<label key=${p.name}>${/^\d+$/.test(p.name) ? "?" + p.name : ":" + p.name}
      <input value=${values[p.name] ?? ""} inputmode=${p.isRowCount ? "numeric" : "text"} onInput=${(e) => onChange(p.name, e.target.value)} />
    </label>`)}
  </fieldset>`;
}
