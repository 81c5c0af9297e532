// What a link to the editor opens: the id of a query, saved:ID of a question, saved:ID@VERSION of how it was, sample:NAME@STORE.

import { get, parameters } from "./api.mjs";

/** savedLink is the place of a saved question, of a version of it if there is one. */
export const savedLink = (id, version) => "#/editor/saved:" + id + (version ? "@" + version : "");

/** sampleLink is the place of a sample over a store. */
export const sampleLink = (name, store) => "#/editor/" + encodeURIComponent(`sample:${name}@${store}`);

/** tabOf returns what a tab of the editor begins with: {sql, title, more}. */
export async function tabOf(argument) {
  const [, kind, name, detail] = argument.match(/^(?:(saved|sample):)?(.*?)(?:@(.*))?$/s);
  if (kind === "saved") return savedTab(name, detail);
  if (kind === "sample") return get("samples/statement?" + parameters({ name, store: detail ?? "" })).then(({ sql }) => ({ sql, title: name }));
  const query = await get("queries/" + encodeURIComponent(argument));
  return { sql: query.sql, title: "", more: { queryId: query.id } };
}

async function savedTab(id, number) {
  const { question, version } = await get(`saved/${encodeURIComponent(id)}?version=${number ?? ""}`);
  return { sql: version.statement, title: question.name, more: { values: version.parameters, saved: savedOf(question, version.number === question.version ? version.statement : undefined) } };
}

/** savedOf is what a tab remembers of the question that it shows; statement is the one of the newest version, undefined for another. */
export const savedOf = ({ id, folder, name, description, isShared, isMine, version }, statement) => ({ id, folder, name, description, isShared, isMine, version, statement });
