// A dashboard as a file: what `auditlake dashboard render` writes.

import { html, render } from "./vendor/preact.mjs";
import { DashboardGrid } from "./parts/dashboard-grid.mjs";
import { RefreshNote } from "./parts/refresh-note.mjs";

const dashboard = JSON.parse(document.getElementById("data").textContent);
render(html`<main class="dashboard-page">
  <h1>${dashboard.title}</h1>
  <${RefreshNote} dashboard=${dashboard} />
  <${DashboardGrid} widgets=${dashboard.widgets ?? []} />
</main>`, document.getElementById("app"));
