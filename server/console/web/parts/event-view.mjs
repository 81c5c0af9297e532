import { html, useEffect, useMemo, useState } from "../vendor/preact.mjs";
import { get } from "../lib/api.mjs";
import { Digits, parseExact } from "../lib/exact-json.mjs";
import { eventsWhere, expressionOf } from "../lib/predicates.mjs";
import { literal, quoted } from "../lib/text.mjs";
import { Node } from "./value-tree.mjs";

const hoursAround = 24;

/** relations are the questions that an event raises: events with the same value of a field. */
const relations = [
  { title: "Same actor", path: ["userIdentity", "arn"] },
  { title: "Same session", path: ["userIdentity", "principalId"] },
  { title: "Same access key", path: ["userIdentity", "accessKeyId"] },
  { title: "Same address", path: ["sourceIPAddress"] },
  { title: "Same role", path: ["userIdentity", "sessionContext", "sessionIssuer", "arn"] },
];

/** useEventStore returns a store that has events of a category, with its columns; it is asked for once. */
export function useEventStore(category) {
  const [found, setFound] = useState();
  useEffect(() => {
    const find = async () => {
      const stores = await get("stores");
      const store = stores.find((s) => s.category === category && !s.isActivity && s.events > 0) ?? stores.find((s) => s.events > 0 && !s.isActivity) ?? stores[0];
      if (store) setFound({ name: store.name, columns: await get(`stores/${encodeURIComponent(store.name)}/columns`) });
    };
    find().catch(() => {}); // without rights to it the event is shown without questions
  }, [category]);
  return found;
}

/** EventView shows an event as a tree or as its JSON. From each field of the tree one goes on to other events. */
export function EventView({ text, onOpen }) {
  const event = useMemo(() => parseExact(text), [text]);
  const [asText, setAsText] = useState(false);
  const store = useEventStore(event?.eventCategory ?? "Management");
  if (event === undefined || event === null) return html`<pre class="event-text" tabindex="0">${text}</pre>`;
  const valueAt = (path) => path.reduce((value, name) => value?.[name], event);
  const ask = (path, write) => {
    const expression = store && expressionOf(path, store.columns);
    return expression ? () => onOpen(write(expression)) : undefined;
  };
  const around = (condition, hours = hoursAround, more = "") => eventsWhere(store.name, condition, event.eventTime, hours, more);
  const action = (path, value) => {
    if (value === null || (typeof value === "object" && !(value instanceof Digits))) return null;
    const constant = value instanceof Digits ? value.text : typeof value === "boolean" ? String(value) : literal(value);
    const name = path.join(".");
    const choices = [
      ["=", "Filter for", ask(path, (e) => around(`CAST(${e} AS varchar) = ${textOf(constant)}`))],
      ["≠", "Filter out", ask(path, (e) => around(`CAST(${e} AS varchar) IS DISTINCT FROM ${textOf(constant)}`))],
      ["#", "Top values of", ask(path, (e) => `SELECT ${e} AS value, count(*) AS events\nFROM ${quoted(store.name)}\nWHERE eventname = ${literal(event.eventName)}\nGROUP BY 1\nORDER BY 2 DESC\nLIMIT 50`)],
      ["+", "Add a column for", ask(path, (e) => around(`eventname = ${literal(event.eventName)}`, hoursAround, `${e} AS ${quoted(path.at(-1))}`))],
    ].filter(([, , go]) => go);
    return html`<span class="actions">${choices.map(([sign, title, go]) => html`<button title=${`${title} ${name}`} aria-label=${`${title} ${name}`} onClick=${go}>${sign}</button>`)}</span>`;
  };
  return html`<div class="event">
    <div class="tools" role="toolbar" aria-label="Event">
      <button aria-pressed=${asText} onClick=${() => setAsText(!asText)}>${asText ? "Tree" : "JSON"}</button>
      ${store && relations.map(({ title, path }) => {
        const value = valueAt(path);
        const go = typeof value === "string" && ask(path, (e) => around(`${e} = ${literal(value)}`));
        return go && html`<button onClick=${go}>${title}</button>`;
      })}
      ${store && event.eventTime && html`<button onClick=${() => onOpen(around("", 5 / 60))}>Surrounding events</button>`}
    </div>
    ${asText ? html`<pre class="event-text" tabindex="0">${text}</pre>` : html`<${Node} value=${event} path=${[]} action=${action} />`}
  </div>`;
}

/** textOf is a constant as text. */
const textOf = (constant) => (constant.startsWith("'") ? constant : literal(constant));
