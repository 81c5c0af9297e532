// Lays out a statement: clauses begin lines, what is in brackets stays together. Only white space changes.

const token = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'?|"(?:[^"]|"")*"?|\s+|[\w$]+|<>|<=|>=|!=|\|\||->|=>|::|[^\s\w]/g;
const clauses = [
  "SELECT", "FROM", "WHERE", "GROUP BY", "HAVING", "ORDER BY", "LIMIT", "OFFSET", "FETCH", "WINDOW", "WITH", "UNION ALL", "UNION", "INTERSECT", "EXCEPT",
  "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "LEFT OUTER JOIN", "RIGHT OUTER JOIN", "FULL OUTER JOIN", "INNER JOIN", "CROSS JOIN", "JOIN",
].map((text) => text.split(" "));

/** tokens are the parts of a statement without the white space between them. */
export const tokens = (sql) => (sql.match(token) ?? []).filter((t) => t.trim() !== "");

/** formatSQL returns the statement laid out. */
export function formatSQL(sql) {
  const parts = tokens(sql);
  let out = "";
  let depth = 0; // of brackets
  let broken = true; // nothing stands on this line yet
  const queries = [0]; // depths at which a query stands
  const newline = (indent) => {
    out = out.trimEnd() + (out === "" ? "" : "\n") + "  ".repeat(indent);
    broken = true;
  };
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    const inQuery = depth === queries.at(-1);
    const clause = inQuery && clauseAt(parts, i);
    const upper = part.toUpperCase();
    if (part.startsWith("--")) {
      out += (broken ? "" : " ") + part;
      newline(queries.length - 1);
      continue;
    }
    if (clause && !(upper === "WITH" && i > 0 && parts[i - 1].toUpperCase() !== ";") && !(upper === "FROM" && isIn(parts, i))) {
      newline(queries.length - 1);
      out += parts.slice(i, i + clause).map((p) => p.toUpperCase()).join(" ");
      broken = false;
      i += clause - 1;
      continue;
    }
    if (inQuery && (upper === "AND" || upper === "OR") && !isBetween(parts, i)) {
      newline(queries.length);
      out += upper;
      broken = false;
      continue;
    }
    if (part === ")") {
      if (inQuery && queries.length > 1) {
        queries.pop();
        newline(queries.length - 1);
      }
      depth--;
    }
    out += (broken || !needsBlank(parts[i - 1], part) ? "" : " ") + part;
    broken = false;
    if (part === "(") {
      depth++;
      if (["SELECT", "WITH"].includes(parts[i + 1]?.toUpperCase())) queries.push(depth);
    }
    if (part === ";") newline(0);
  }
  return out.trim();
}

/** clauseAt is how many tokens the clause has that begins there, 0 for none. */
function clauseAt(parts, at) {
  const found = clauses.filter((c) => c.every((word, i) => parts[at + i]?.toUpperCase() === word));
  return Math.max(0, ...found.map((c) => c.length));
}

/** isBetween reports whether an AND is that of BETWEEN. */
function isBetween(parts, at) {
  for (let i = at - 1, depth = 0; i >= 0; i--) {
    const word = parts[i].toUpperCase();
    if (word === ")") depth++;
    if (word === "(" && depth-- === 0) return false;
    if (depth > 0) continue;
    if (word === "BETWEEN") return true;
    if (["AND", "OR", "WHERE", "ON", "HAVING", "WHEN", "SELECT"].includes(word)) return false;
  }
  return false;
}

/** isIn reports whether a FROM belongs to IS DISTINCT FROM. */
const isIn = (parts, at) => parts[at - 1]?.toUpperCase() === "DISTINCT" && ["IS", "NOT"].includes(parts[at - 2]?.toUpperCase());

function needsBlank(before, after) {
  if (before === undefined || [",", ";", ")", "]", ".", "["].includes(after) || ["(", "[", ".", ":"].includes(before)) return false;
  if (after === "(") return !/^[\w"]/.test(before) || keywordsBeforeBracket.has(before.toUpperCase());
  return true;
}

const keywordsBeforeBracket = new Set("SELECT FROM WHERE IN AND OR NOT ON AS BY HAVING EXISTS JOIN OVER VALUES UNION ALL EXCEPT INTERSECT FILTER WHEN THEN ELSE CASE".split(" "));
