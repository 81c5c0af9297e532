import { html, useEffect, useState } from "../vendor/preact.mjs";
import { get } from "../lib/api.mjs";

/** useStores returns the stores that can be asked, those with events first; none, until they are there or if they are secret. */
export function useStores() {
  const [stores, setStores] = useState([]);
  useEffect(() => {
    const rank = (s) => (s.isActivity ? 2 : s.events > 0 ? 0 : 1);
    get("stores").then((all) => setStores(all.filter((s) => s.status !== "PENDING_DELETION").sort((a, b) => rank(a) - rank(b))), () => {});
  }, []);
  return stores;
}

/** StoreField chooses a store by its name. */
export function StoreField({ stores, name, onChange }) {
  return html`<label>Store <select value=${name} onChange=${(e) => onChange(e.target.value)}>
    ${stores.map((s) => html`<option key=${s.id} value=${s.name}>${s.name}</option>`)}
  </select></label>`;
}
