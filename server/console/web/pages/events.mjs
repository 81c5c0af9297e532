import { html, useEffect, useState } from "../vendor/preact.mjs";
import { post } from "../lib/api.mjs";
import { openInEditor } from "../lib/tabs-store.mjs";
import { plural, time } from "../lib/text.mjs";
import { EventView } from "../parts/event-view.mjs";
import { ProblemNote } from "../parts/problem.mjs";
import { Table } from "../parts/table.mjs";

const keys = ["EventName", "EventSource", "Username", "AccessKeyId", "ResourceName", "ResourceType", "EventId", "ReadOnly"];
const pageEvents = 100;
const maxDownloaded = 200_000;

/** Page is the event history: the latest events, any number of conditions, each event a click away. */
export function Page({ caller }) {
  const [conditions, setConditions] = useState([]);
  const [span, setSpan] = useState({ from: "", to: "" });
  const [found, setFound] = useState({ events: [], next: null, notes: [] });
  const [problem, setProblem] = useState();
  const [isAsking, setAsking] = useState(false);
  const [chosen, setChosen] = useState();
  const [says, setSays] = useState("");

  const request = (after, maxEvents) => ({
    attributes: conditions.filter((c) => c.value !== ""), after, maxEvents,
    from: span.from ? span.from + ":00Z" : undefined, to: span.to ? span.to + ":59Z" : undefined,
  });
  const look = async (before) => {
    setAsking(true);
    setProblem(undefined);
    try {
      const page = await post("lookup", request(before?.next ?? undefined, pageEvents));
      setFound({ events: [...(before?.events ?? []), ...page.events], next: page.next, notes: before?.notes ?? page.notes });
    } catch (failure) {
      setProblem(failure);
    }
    setAsking(false);
  };
  useEffect(() => {
    look();
  }, []);
  const download = async () => {
    const texts = [];
    let after;
    try {
      do {
        const page = await post("lookup", request(after, 5000));
        texts.push(...page.events.map((e) => e.text));
        after = page.next ?? undefined;
        setSays(plural(texts.length, "event"));
      } while (after && texts.length < maxDownloaded);
      save(texts.slice(0, maxDownloaded).join("\n") + "\n", "events.ndjson");
    } catch (failure) {
      setProblem(failure);
    }
  };
  const set = (at, change) => setConditions(conditions.map((c, i) => (i === at ? { ...c, ...change } : c)));
  const openStatement = (sql) => openInEditor(caller.principal, sql);
  const columns = [
    { head: "Time", isInstant: true, cell: (e) => html`<button class="link" onClick=${() => setChosen(e)}>${time(e.time)}</button>` },
    { head: "Event", cell: (e) => e.name },
    { head: "User", cell: (e) => e.username },
    { head: "Source", cell: (e) => e.source },
    { head: "Resources", cell: (e) => (e.resources ?? []).map((r) => r.Name).join(", ") },
    { head: "Access key", cell: (e) => e.accessKeyId },
  ];
  return html`<h1>Event history</h1>
    <form class="conditions" onSubmit=${(event) => { event.preventDefault(); look(); }}>
      <label>From <input type="datetime-local" value=${span.from} onChange=${(e) => setSpan({ ...span, from: e.target.value })} /></label>
      <label>To <input type="datetime-local" value=${span.to} onChange=${(e) => setSpan({ ...span, to: e.target.value })} /></label>
      ${conditions.map((c, i) => html`<span class="condition" key=${i}>
        <select aria-label="Attribute" value=${c.key} onChange=${(e) => set(i, { key: e.target.value })}>${keys.map((k) => html`<option>${k}</option>`)}</select>
        <input aria-label="Value" value=${c.value} onInput=${(e) => set(i, { value: e.target.value })} />
        <button type="button" aria-label="Remove condition" onClick=${() => setConditions(conditions.filter((_, j) => j !== i))}>×</button>
      </span>`)}
      <button type="button" onClick=${() => setConditions([...conditions, { key: keys[0], value: "" }])}>Add condition</button>
      <button class="primary" disabled=${isAsking}>Look up</button>
      <button type="button" onClick=${download}>Download</button> <span class="quiet" aria-live="polite">${says}</span>
    </form>
    <p class="quiet">${["Times are UTC", ...found.notes].join("; ")}.</p>
    <${ProblemNote} problem=${problem} />
    <div class="result-body">
      <div class="list">
        <${Table} label="Events" columns=${columns} rows=${found.events} empty=${isAsking ? "Loading…" : "No events."} />
        ${found.next && html`<button disabled=${isAsking} onClick=${() => look(found)}>Older events</button>`}
      </div>
      ${chosen && html`<aside class="side" aria-label="Event">
        <header><h2>${chosen.name}</h2><button onClick=${() => setChosen(undefined)}>Close</button></header>
        <${EventView} text=${chosen.text} onOpen=${openStatement} />
      </aside>`}
    </div>`;
}

/** save gives a text to the browser as a file. */
function save(text, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/x-ndjson" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
