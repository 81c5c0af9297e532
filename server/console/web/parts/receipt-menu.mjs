import { html, useState } from "../vendor/preact.mjs";
import { getText, postText } from "../lib/api.mjs";
import { count, time } from "../lib/text.mjs";
import { ProblemNote } from "./problem.mjs";

const rowsSay = {
  SAME: "The rows in the lake match the receipt.",
  DIFFER: "The rows in the lake do not match the receipt.",
  GONE: "The lake no longer has the rows.",
  UNCHECKED: "You may not read the rows, so they were not compared.",
};

/** ReceiptMenu gives out the receipt of a result, and checks one from a file. */
export function ReceiptMenu({ id }) {
  const [checked, setChecked] = useState();
  const [problem, setProblem] = useState();
  const check = async (reading) => {
    setChecked(undefined);
    setProblem(undefined);
    try {
      setChecked(await postText("receipt", await reading()));
    } catch (failure) {
      setProblem(failure);
    }
  };
  const path = `queries/${id}/receipt`;
  return html`<details class="menu"><summary>Receipt</summary>
    <div class="menu-items">
      <a href=${"api/" + path} download>Download the receipt</a>
      <button onClick=${() => check(() => getText(path))}>Verify this result</button>
      <label>Verify a receipt <input type="file" accept=".json" onChange=${(e) => e.target.files[0] && check(() => e.target.files[0].text())} /></label>
      <${ProblemNote} problem=${problem} />
      ${checked && html`<${Checked} checked=${checked} />`}
    </div>
  </details>`;
}

/** Checked says what is proved of a receipt. */
function Checked({ checked }) {
  const { receipt } = checked;
  const signed = checked.isSigned ? (checked.isTrusted ? "Signed by this lake." : "Signed, but not by this lake's key.") : "The signature does not match the text.";
  return html`<div class="receipt" role="status">
    <strong class=${checked.isSound ? "good" : "bad"}>${checked.isSound ? "The receipt is valid." : "The receipt is not valid."}</strong>
    <p>${signed} ${checked.isInChain ? "This lake's chain contains the head that the receipt names." : "This lake's chain does not contain the head that the receipt names."} ${rowsSay[checked.rows]}</p>
    <dl class="facts">
      <dt>Statement</dt><dd><code>${receipt.statement}</code></dd>
      <dt>Rows</dt><dd>${count(receipt.rows)}${receipt.isPartial ? " (partial result)" : ""}</dd>
      <dt>Run</dt><dd>${time(receipt.instant)} ${receipt.asker}</dd>
      <dt>Issued</dt><dd>${time(receipt.issuedAt)} ${receipt.issuedTo}</dd>
      <dt>SHA-256 of the rows</dt><dd><code>${receipt.rowsSha256}</code></dd>
    </dl>
  </div>`;
}
