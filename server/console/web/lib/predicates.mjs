// Statements made of statements: filters, and the events around one.

import { sqlValue } from "../parts/copy-menu.mjs";
import { literal, quoted } from "./text.mjs";

/** inner is a statement without its semicolon. A comment at its end may hide what follows, so that a line ends there. */
const inner = (sql) => sql.trim().replace(/;\s*$/, "") + "\n";

/** where returns a statement for the rows of another whose column has a value, or has another. */
export function where(sql, column, value, isFor) {
  const name = quoted(column.name);
  const test = value === null ? `${name} IS ${isFor ? "" : "NOT "}NULL` : isFor ? `${name} = ${sqlValue(column, value)}` : `(${name} <> ${sqlValue(column, value)} OR ${name} IS NULL)`;
  const before = inner(sql);
  const again = before.match(/^SELECT \* FROM \(\n([\s\S]*)\n\) AS found WHERE ([\s\S]*)\n$/); // a filter of a filter is one more condition
  if (again) return `SELECT * FROM (\n${again[1]}\n) AS found WHERE ${again[2]}\n  AND ${test}`;
  return `SELECT * FROM (\n${before}) AS found WHERE ${test}`;
}

const histogramForm = /^SELECT date_trunc\('(minute|hour|day)', (.+?)\) AS time, count\(\*\) AS events FROM \(\n([\s\S]*)\n\) AS found GROUP BY 1 ORDER BY 1\s*$/;

/** histogram returns a statement that counts the rows of another by a unit of time. */
export const histogram = (sql, column, unit) => `SELECT date_trunc('${unit}', ${quoted(column)}) AS time, count(*) AS events FROM (\n${inner(sql)}) AS found GROUP BY 1 ORDER BY 1`;

/** isHistogram reports whether histogram has made a statement. */
export const isHistogram = (sql) => histogramForm.test(sql);

/** unitFor is the unit by which a span of time, in milliseconds, has some dozens of bars. */
export const unitFor = (span) => (span < 3 * 3600_000 ? "minute" : span < 8 * 24 * 3600_000 ? "hour" : "day");

/** within returns a statement for the rows of another from one time to another; of a histogram, for the rows that it counts. */
export function within(sql, column, from, to) {
  const counted = sql.match(histogramForm);
  if (!counted) return `SELECT * FROM (\n${inner(sql)}) AS found WHERE ${quoted(column)} BETWEEN TIMESTAMP ${literal(from)} AND TIMESTAMP ${literal(to)}`;
  const [, unit, name, rows] = counted;
  return `SELECT * FROM (\n${rows}\n) AS found WHERE ${name} >= TIMESTAMP ${literal(from)}\n  AND ${name} < TIMESTAMP ${literal(to)} + INTERVAL '1' ${unit.toUpperCase()}`;
}

/**
 * expressionOf returns what reads the field of an event in a store, null where no column has it. path are names as the event has them;
 * columns are those of the store with their fields.
 */
export function expressionOf(path, columns) {
  const types = new Map(columns.map((c) => [c.name, c.type]));
  let name = "";
  for (const [i, part] of path.entries()) {
    const next = (name === "" ? "" : name + ".") + part.toLowerCase();
    if (types.has(next)) {
      name = next;
      continue;
    }
    if (name !== "" && types.get(name)?.startsWith("map(") && i === path.length - 1) return `element_at(${sqlPath(name)}, ${literal(part)})`;
    return null;
  }
  const type = types.get(name);
  return type === undefined || /^(row|map|array)\(/.test(type) ? null : sqlPath(name);
}

const sqlPath = (name) => name.split(".").map(quoted).join(".");

const shownColumns = "eventtime, eventsource, eventname, useridentity.arn AS arn, sourceipaddress, errorcode, eventid";

/** eventsWhere returns a statement for the events of a store with a condition, around an instant, the newest first. */
export function eventsWhere(store, condition, instant, hours, more = "") {
  const at = new Date(instant);
  const bound = (sign) => new Date(at.getTime() + sign * hours * 3600_000).toISOString().replace("T", " ").replace("Z", "");
  return `SELECT ${shownColumns}${more && ", " + more}\nFROM ${quoted(store)}\nWHERE eventtime BETWEEN TIMESTAMP '${bound(-1)}' AND TIMESTAMP '${bound(1)}'` +
    `${condition && "\n  AND " + condition}\nORDER BY eventtime DESC\nLIMIT 1000`;
}
