import { html, useState } from "../vendor/preact.mjs";
import { isCut, wholeText } from "../lib/cells.mjs";
import { literal, plural, quoted } from "../lib/text.mjs";

const maxCopied = 10_000; // rows: what is longer is downloaded

/** CopyMenu copies a result's first rows as CSV, JSON or SQL. */
export function CopyMenu({ source, query }) {
  const [says, setSays] = useState("");
  const copy = async (write) => {
    setSays("copying…");
    try {
      const rows = await readRows(source);
      await navigator.clipboard.writeText(write(source.columns, rows));
      setSays(`copied ${plural(rows.length, "row")}`);
    } catch (problem) {
      setSays("copy failed: " + problem.message);
    }
  };
  return html`<details class="menu"><summary>Copy</summary>
    <div class="menu-items">
      <button onClick=${() => copy(asCSV)}>as CSV</button>
      <button onClick=${() => copy(asJSON)}>as JSON</button>
      <button onClick=${() => copy(asSQL)}>as SQL (VALUES)</button>
      <button onClick=${() => navigator.clipboard.writeText(query.sql).then(() => setSays("copied statement"))}>statement</button>
      <span class="quiet" aria-live="polite">${says}</span>
    </div>
  </details>`;
}

/** readRows reads up to maxCopied rows with whole values. */
async function readRows(source) {
  const rows = [];
  while (rows.length < Math.min(source.total, maxCopied)) {
    const part = await source.fetchRows(rows.length, Math.min(1000, maxCopied - rows.length));
    for (const cells of part) {
      for (const [column, value] of cells.entries()) {
        if (isCut(value)) cells[column] = await source.wholeValue(rows.length, column);
      }
      rows.push(cells);
    }
  }
  return rows;
}

const csvField = (value) => (value === null ? "" : value === "" || /[",\r\n]/.test(value) ? '"' + value.replaceAll('"', '""') + '"' : value);

/** asCSV writes rows as the download does: NULL is an empty field, the empty text is "". */
export const asCSV = (columns, rows) => [columns.map((c) => csvField(c.name)), ...rows.map((cells) => cells.map((v) => csvField(v)))].map((line) => line.join(",") + "\n").join("");

const jsonNumber = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$/;

/** jsonValue writes a value: numbers with all of their digits. */
function jsonValue(column, value) {
  if (value === null) return "null";
  if (column.isNested || column.type === "boolean" || (column.isNumeric && jsonNumber.test(value))) return value;
  return JSON.stringify(wholeText(value));
}

export const asJSON = (columns, rows) => "[\n" + rows.map((cells) => "{" + cells.map((v, i) => JSON.stringify(columns[i].name) + ":" + jsonValue(columns[i], v)).join(",") + "}").join(",\n") + "\n]\n";

/** sqlValue writes a value as a literal of its type. */
export function sqlValue(column, value) {
  if (value === null) return "NULL";
  if (/^(tinyint|smallint|integer|bigint|decimal.*)$/.test(column.type) || column.type === "boolean") return value;
  if (column.type.startsWith("varchar")) return literal(value);
  if (column.type.startsWith("timestamp")) return "TIMESTAMP " + literal(value);
  if (column.type === "date") return "DATE " + literal(value);
  if (column.isNested || column.type === "json") return "JSON " + literal(value);
  if (column.type === "varbinary") return `from_base64(${literal(value)})`;
  return `CAST(${literal(value)} AS ${column.type})`;
}

export const asSQL = (columns, rows) =>
  "SELECT * FROM (VALUES\n" + rows.map((cells) => "  (" + cells.map((v, i) => sqlValue(columns[i], v)).join(", ") + ")").join(",\n") + `\n) AS t (${columns.map((c) => quoted(c.name)).join(", ")})\n`;
