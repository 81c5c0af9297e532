// A dashboard while it is edited. Its layout is what the AWS API keeps of it: the order of the widgets, and their width and height in inches.

export const columns = 12;
export const maxRows = 8;
export const maxWidgets = 10;

/** viewProperties are those of each view besides title, width and height, by name: true where the view needs it. */
export const viewProperties = {
  Table: {},
  LineChart: { XAxisColumn: true, YAxisColumn: true, FilterColumn: false },
  PieChart: { LabelColumn: true, ValueColumn: true, FilterColumn: false },
  BarChart: { LabelColumn: true, ValueColumn: true, FilterColumn: false, Orientation: false },
};

export const parameterNames = ["$StartTime$", "$EndTime$", "$Period$"];

let next = 0;

/** draftOf returns a copy of a dashboard that can be edited; each widget has a key that stays when it moves. */
export const draftOf = (dashboard) => ({
  widgets: (dashboard.widgets ?? []).map((w) => ({ ...w, view: { ...w.view }, key: ++next })),
  schedule: dashboard.schedule, isProtected: dashboard.isProtected, updatedAt: dashboard.updatedAt,
});

/** newWidget returns a widget that counts the events of a store. */
export const newWidget = (store) => ({
  key: ++next, title: "New widget", parameters: ["$StartTime$", "$EndTime$"],
  statement: `SELECT eventname, count(*) AS events\nFROM ${store}\nWHERE eventtime > ? AND eventtime < ?\nGROUP BY 1\nORDER BY 2 DESC\nLIMIT 10`,
  view: { View: "BarChart", Title: "New widget", Width: "4", Height: "2", LabelColumn: "eventname", ValueColumn: "events", Orientation: "Horizontal" },
});

/** moved returns widgets of which one has another place. */
export function moved(widgets, key, to) {
  const from = widgets.findIndex((w) => w.key === key);
  const rest = widgets.filter((w) => w.key !== key);
  rest.splice(Math.min(rest.length, Math.max(0, to)), 0, widgets[from]);
  return rest;
}

/** resized returns widgets of which one has another size, in columns and rows of the grid. */
export function resized(widgets, key, width, height) {
  const within = (n, most) => String(Math.min(most, Math.max(1, Math.round(n))));
  return widgets.map((w) => (w.key === key ? { ...w, view: { ...w.view, Width: within(width, columns), Height: within(height, maxRows) } } : w));
}

/** viewAs returns view properties for another view: those that it knows. */
export function viewAs(view, kind) {
  const out = { View: kind, Title: view.Title, Width: view.Width, Height: view.Height };
  for (const name of Object.keys(viewProperties[kind])) if (view[name]) out[name] = view[name];
  return out;
}

/** parametersFor returns the parameters of a statement with some question marks: those before, then more of the first kinds. */
export const parametersFor = (before, marks) => Array.from({ length: marks }, (_, i) => before[i] ?? parameterNames[i % parameterNames.length]);

/** questionMarks counts the question marks of a statement outside of comments, names and longer texts, as the server does. */
export function questionMarks(sql) {
  const tokens = sql.match(/--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*'|"(?:[^"]|"")*"|\?/g) ?? [];
  return tokens.filter((t) => t === "?" || t === "'?'").length;
}

/** refreshesPerMonth is how often a schedule refreshes in 30 days. */
export const refreshesPerMonth = (schedule) => (!schedule?.isEnabled ? 0 : schedule.unit === "DAYS" ? 30 : 720 / schedule.value);

/** bodyOf returns what the server gets. */
export const bodyOf = (draft) => ({
  widgets: draft.widgets.map(({ statement, parameters, view }) => ({ statement, parameters, view })), schedule: draft.schedule, isProtected: draft.isProtected, updatedAt: draft.updatedAt,
});
