/** Digits is a number as the JSON has it: those of JavaScript have 53 bits. */
export class Digits {
  constructor(text) {
    this.text = text;
  }
}

/** parseExact reads JSON with all digits of its numbers; undefined for what is no JSON. */
export function parseExact(text) {
  try {
    return JSON.parse(text, (_, value, context) => (typeof value === "number" ? new Digits(context?.source ?? String(value)) : value));
  } catch {
    return undefined;
  }
}
