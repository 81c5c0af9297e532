import { html } from "../vendor/preact.mjs";

/** tabTitle is what a tab is called: its own title, otherwise the beginning of its statement. */
export const tabTitle = (tab) => tab.title || tab.sql.replace(/\s+/g, " ").trim().slice(0, 28) || "New statement";

/** TabBar chooses among statements. Left and right move between tabs, Delete closes one. */
export function TabBar({ tabs, active, onChoose, onAdd, onClose }) {
  const keyed = (event) => {
    const at = tabs.findIndex((t) => t.id === active);
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) {
      const to = tabs[(at + step + tabs.length) % tabs.length];
      onChoose(to.id);
      event.currentTarget.querySelector(`[data-tab="${to.id}"]`)?.focus();
    } else if (event.key === "Delete") {
      onClose(active);
    }
  };
  return html`<div class="tab-bar">
    <div role="tablist" aria-label="Statements" onKeyDown=${keyed}>
      ${tabs.map((tab) => html`<button role="tab" key=${tab.id} data-tab=${tab.id} aria-selected=${tab.id === active} tabindex=${tab.id === active ? 0 : -1}
        onClick=${() => onChoose(tab.id)} onAuxClick=${() => onClose(tab.id)}>${tabTitle(tab)}</button>`)}
    </div>
    <button title="New statement" aria-label="New statement" onClick=${onAdd}>+</button>
    <button title="Close this statement" aria-label="Close this statement" onClick=${() => onClose(active)}>×</button>
  </div>`;
}
