import { html } from "../vendor/preact.mjs";
import { bytes, dollars, time } from "../lib/text.mjs";

/** RefreshNote says when a dashboard was refreshed and what that scanned. */
export function RefreshNote({ dashboard }) {
  if (!dashboard.refreshId) {
    return html`${dashboard.failureReason && html`<${FailureNote} reason=${dashboard.failureReason} />`}<p class="quiet">This dashboard has not been refreshed yet.</p>`;
  }
  const done = dashboard.widgets.filter((w) => w.query?.isOver).length;
  return html`
    <p aria-live="polite">${dashboard.isRefreshing
      ? html`Refreshing: ${done} of ${dashboard.widgets.length} widgets done. <progress aria-label="Widgets done" max=${dashboard.widgets.length} value=${done}></progress>`
      : html`Refreshed ${time(dashboard.refreshedAt).slice(0, 19)} UTC. Scanned ${bytes(dashboard.bytesScanned)}, ${dollars(dashboard.price)}${saving(dashboard)}.`}</p>
    ${dashboard.failureReason && html`<${FailureNote} reason=${dashboard.failureReason} />`}`;
}

// What widgets share is read from the disk once, and what the lake keeps not at all, but each widget is charged as if it were alone.
const saving = ({ bytesRead, bytesScanned }) => (bytesRead < bytesScanned ? `; ${bytes(bytesRead)} of it were read from disk, because widgets share what they read` : "");

const FailureNote = ({ reason }) => html`<p class="problem" role="alert"><strong>The last refresh failed</strong> ${reason}</p>`;
