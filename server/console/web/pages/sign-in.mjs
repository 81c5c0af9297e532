import { html, useState } from "../vendor/preact.mjs";
import { post } from "../lib/api.mjs";
import { ProblemNote } from "../parts/problem.mjs";

/** SignIn asks for an access key. */
export function SignIn({ problem: first, onSignedIn }) {
  const [problem, setProblem] = useState(first);
  const [isAsking, setAsking] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    setAsking(true);
    try {
      onSignedIn(await post("session", { id: form.get("id").trim(), secret: form.get("secret").trim(), token: form.get("token").trim() }));
    } catch (failure) {
      setProblem(failure);
      setAsking(false);
    }
  };
  return html`<main class="sign-in">
    <h1>auditlake</h1>
    <form onSubmit=${submit}>
      <label>Access key ID <input name="id" required autocomplete="username" spellcheck="false" autofocus /></label>
      <label>Secret access key <input name="secret" type="password" required autocomplete="current-password" /></label>
      <details>
        <summary>Session token (temporary credentials)</summary>
        <label>Session token <input name="token" type="password" autocomplete="off" /></label>
      </details>
      <button class="primary" disabled=${isAsking}>Sign in</button>
    </form>
    <${ProblemNote} problem=${problem} />
    <p class="quiet">On the server's machine, <code>auditlake open</code> signs you in without a key.</p>
  </main>`;
}
