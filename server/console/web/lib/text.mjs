// Numbers, times and SQL as texts.

const byteUnits = ["B", "kB", "MB", "GB", "TB", "PB"];

/** bytes writes a number of bytes with three digits. */
export function bytes(n) {
  let unit = 0;
  while (n >= 1000 && unit < byteUnits.length - 1) {
    n /= 1000;
    unit++;
  }
  return `${unit === 0 ? n : n.toPrecision(3)} ${byteUnits[unit]}`;
}

/** count writes a number with its digits in groups. */
export const count = (n) => Number(n).toLocaleString("en-US");

/** dollars writes a price; one that rounds to nothing is said to be less than a cent's hundredth. */
export function dollars(price) {
  if (price === 0) return "$0";
  return price < 0.0001 ? "< $0.0001" : "$" + price.toFixed(price < 1 ? 4 : 2);
}

/** range writes an interval, once where both ends are the same. */
export function range(low, high, write) {
  return write(low) === write(high) ? write(high) : `${write(low)} – ${write(high)}`;
}

/** millis writes a duration. */
export const millis = (n) => (n < 1000 ? `${Math.round(n)} ms` : `${(n / 1000).toFixed(n < 10000 ? 2 : 1)} s`);

/** time writes an instant as the lake's timestamps are written, in UTC. */
export const time = (instant) => (instant ? instant.replace("T", " ").replace(/(\.000)?Z$/, "") : "");

/** plural writes a number with a noun. */
export const plural = (n, noun) => `${count(n)} ${noun}${n === 1 ? "" : "s"}`;

/** literal writes a text as SQL. */
export const literal = (text) => "'" + String(text).replaceAll("'", "''") + "'";

/** quoted writes a name as SQL, in quotes where it needs them. */
export const quoted = (name) => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : '"' + name.replaceAll('"', '""') + '"');

/** fitted shortens a text to so many characters: of an ARN the end stays, which tells it from others, of other texts the beginning. */
export function fitted(text, characters) {
  const all = [...text];
  if (all.length <= characters) return text;
  return text.startsWith("arn:") ? "…" + all.slice(1 - characters).join("") : all.slice(0, characters - 1).join("") + "…";
}
