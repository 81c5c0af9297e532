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

/** respond sends a request and returns the answer; one that is an error is thrown as a Problem. */
async function respond(method, path, text, signal) {
  const request = { method, signal, headers: text === undefined ? {} : { "Content-Type": "application/json" }, body: text };
  let response;
  try {
    response = await fetch("api/" + path, request);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, { code: "UNREACHABLE", message: "The server does not respond." });
  }
  if (response.ok) return response;
  if (response.status === 401 && !path.startsWith("session")) signedOut();
  const answer = await response.json().catch(() => ({}));
  throw new Problem(response.status, answer.error ?? { code: "UNKNOWN", message: `The server returned HTTP status ${response.status}.` });
}

async function ask(method, path, text, signal) {
  const response = await respond(method, path, text, signal);
  return response.json().catch(() => {
    throw new Problem(response.status, { code: "NO_JSON", message: `The server returned HTTP status ${response.status}.` });
  });
}

export const get = (path, signal) => ask("GET", path, undefined, signal);
export const post = (path, body, signal) => ask("POST", path, JSON.stringify(body), signal);
export const put = (path, body) => ask("PUT", path, JSON.stringify(body));
export const remove = (path) => ask("DELETE", path);

/** getText and postText leave a text as it is: what is signed must not be written anew. */
export const getText = async (path) => (await respond("GET", path)).text();
export const postText = (path, text) => ask("POST", path, text);

/** parameters writes the parameters of a URL. */
export const parameters = (values) => new URLSearchParams(values).toString();
