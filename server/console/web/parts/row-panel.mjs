import { html, useEffect, useState } from "../vendor/preact.mjs";
import { isCut, wholeText } from "../lib/cells.mjs";
import { literal, quoted } from "../lib/text.mjs";
import { EventView, useEventStore } from "./event-view.mjs";
import { ProblemNote } from "./problem.mjs";
import { ValueTree } from "./value-tree.mjs";

/** RowPanel shows a row: each column's whole value, and the event where the row has one. */
export function RowPanel({ source, row, query, onOpen, onClose }) {
  const [cells, setCells] = useState();
  const [problem, setProblem] = useState();
  useEffect(() => {
    wholeRow(source, row).then(setCells, setProblem);
  }, [source, row]);
  const store = useEventStore("Management");
  const at = (name) => source.columns.findIndex((c) => c.name === name);
  const text = cells?.[at("eventjson")];
  const id = cells?.[at("eventid")];
  return html`<aside class="side" aria-label="Row">
    <header><h2>Row ${row + 1}</h2><button onClick=${onClose}>Close</button></header>
    <${ProblemNote} problem=${problem} />
    ${cells && (text
      ? html`<${EventView} text=${text} onOpen=${onOpen} />`
      : html`
        ${id && store && html`<p><button onClick=${() => onOpen(`SELECT eventjson\nFROM ${quoted(store.name)}\nWHERE eventid = ${literal(id)}`, "Event")}>The whole event</button></p>`}
        <dl class="fields">${source.columns.map((c, i) => html`<dt title=${c.type}>${c.name}</dt><dd><${ValueTree} value=${cells[i]} isNested=${c.isNested} /></dd>`)}</dl>`)}
  </aside>`;
}

/** wholeRow returns the values of a row, none of them cut. */
async function wholeRow(source, row) {
  const cells = [...(source.row(row) ?? (await source.fetchRows(row, 1))[0])];
  for (const [column, value] of cells.entries()) {
    if (isCut(value)) cells[column] = wholeText(await source.wholeValue(row, column));
  }
  return cells;
}
