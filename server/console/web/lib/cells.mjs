// Values of results as the server sends them: null, a text, or [beginning, bytes] of a long text.

const controls = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** visible writes characters that would turn or hide text, in other words. */
const visible = (text) => text.replace(controls, (c) => (c === "\n" ? "⏎" : c === "\t" ? "⇥" : "\\u" + c.codePointAt(0).toString(16).padStart(4, "0")));

/** cellText is what a cell of a grid shows: one line. NULL is a word that no quotes stand around, the empty text has quotes. */
export function cellText(value) {
  if (value === null || value === undefined) return "NULL";
  if (value === "") return "''";
  const text = Array.isArray(value) ? value[0] + "…" : value;
  return visible(text.length > 300 ? text.slice(0, 300) + "…" : text);
}

/** isCut reports whether a value is only the beginning of a longer one. */
export const isCut = (value) => Array.isArray(value);

/** wholeText is a value as text, as far as it is there; "" for NULL. */
export const wholeText = (value) => (value === null ? "" : Array.isArray(value) ? value[0] : value);
