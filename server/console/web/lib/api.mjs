// What the page asks the server for. Every answer is JSON; an error is a Problem.

/** Problem is an error of the server, or of reaching it. */
export class Problem extends Error {
  constructor(status, { code, message, line, column }) {
    super(message);
    Object.assign(this, { status, code, line, column });
  }
}

let signedOut = () => {};

/** onSignedOut sets what is called when the server knows the session no more. */
export function onSignedOut(listener) {
  signedOut = listener;
}

async function ask(method, path, body, signal) {
  const request = { method, signal, headers: {} };
  if (body !== undefined) {
    request.headers["Content-Type"] = "application/json";
    request.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch("api/" + path, request);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, { code: "UNREACHABLE", message: "The server does not answer." });
  }
  const answer = await response.json().catch(() => ({ error: { code: "NO_JSON", message: `The server answered ${response.status}.` } }));
  if (response.ok) return answer;
  if (response.status === 401 && !path.startsWith("session")) signedOut();
  throw new Problem(response.status, answer.error ?? { code: "UNKNOWN", message: `The server answered ${response.status}.` });
}

export const get = (path, signal) => ask("GET", path, undefined, signal);
export const post = (path, body, signal) => ask("POST", path, body, signal);
export const put = (path, body) => ask("PUT", path, body);
export const remove = (path) => ask("DELETE", path);

/** parameters writes the parameters of a URL. */
export const parameters = (values) => new URLSearchParams(values).toString();
