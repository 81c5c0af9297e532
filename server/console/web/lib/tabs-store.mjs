// The tabs of the editor, kept by the browser for each principal, so that a reload loses nothing.

const key = (principal) => "auditlake.tabs." + principal;
let next = Date.now();

/** newTab returns a tab with a statement. */
export function newTab(sql = "", title = "") {
  return { id: String(next++), sql, title, values: {}, queryId: "" };
}

/** loadTabs returns {tabs, active} as they were kept. */
export function loadTabs(principal) {
  try {
    const kept = JSON.parse(localStorage.getItem(key(principal)));
    if (kept.tabs.length > 0 && kept.tabs.every((t) => typeof t.sql === "string" && typeof t.id === "string")) return kept;
  } catch {
    // there are none, or not such as this page writes
  }
  const tab = newTab();
  return { tabs: [tab], active: tab.id };
}

/** saveTabs keeps the tabs; without room they live as long as the page. */
export function saveTabs(principal, state) {
  try {
    localStorage.setItem(key(principal), JSON.stringify(state));
  } catch {
    // full or forbidden
  }
}

/** openInEditor shows a statement in a new tab of the editor. */
export function openInEditor(principal, sql, title = "") {
  const kept = loadTabs(principal);
  const tab = newTab(sql, title);
  saveTabs(principal, { tabs: [...kept.tabs, tab], active: tab.id });
  location.hash = "#/editor";
}
