// The page: who is there, which part of it is shown.

import { html, render, useEffect, useState } from "./vendor/preact.mjs";
import { get, onSignedOut, post, remove } from "./lib/api.mjs";
import { ProblemNote } from "./parts/problem.mjs";
import { SignIn } from "./pages/sign-in.mjs";

/** pages are the parts of the page, which are loaded when they are shown first. */
const pages = [
  { path: "editor", title: "Editor", load: () => import("./pages/editor.mjs") },
  { path: "library", title: "Library", load: () => import("./pages/library.mjs") },
  { path: "dashboards", title: "Dashboards", load: () => import("./pages/dashboards.mjs") },
  { path: "events", title: "Event history", load: () => import("./pages/events.mjs") },
  { path: "queries", title: "Queries", load: () => import("./pages/queries.mjs") },
  { path: "stores", title: "Stores", load: () => import("./pages/stores.mjs") },
  { path: "imports", title: "Imports", load: () => import("./pages/imports.mjs") },
  { path: "channels", title: "Channels", load: () => import("./pages/channels.mjs") },
  { path: "usage", title: "Usage", load: () => import("./pages/usage.mjs") },
  { path: "keys", title: "Keys", load: () => import("./pages/keys.mjs") },
];

/** readPlace reads the place in the URL's fragment: #/editor/ID. */
function readPlace() {
  const [path, argument] = location.hash.replace(/^#\/?/, "").split("/");
  return { path: pages.some((p) => p.path === path) ? path : "editor", argument: argument ? decodeURIComponent(argument) : "" };
}

/** takeToken returns the token of a link that signs in, and takes it out of the URL and the history. */
function takeToken() {
  const found = location.hash.match(/^#token=(.+)$/);
  if (found) history.replaceState(null, "", location.pathname);
  return found?.[1];
}

async function whoIsThere() {
  const token = takeToken();
  if (token) return post("session/link", { token });
  return get("session");
}

function App() {
  const [caller, setCaller] = useState(); // null: nobody
  const [problem, setProblem] = useState();
  useEffect(() => {
    onSignedOut(() => setCaller(null));
    whoIsThere().then(setCaller, (failure) => {
      setCaller(null);
      if (failure.code !== "NOT_SIGNED_IN") setProblem(failure);
    });
  }, []);
  if (caller === undefined) return html`<p class="quiet">Loading…</p>`;
  if (caller === null) return html`<${SignIn} problem=${problem} onSignedIn=${setCaller} />`;
  const signOut = () => remove("session").finally(() => setCaller(null));
  return html`<${Console} caller=${caller} onSignOut=${signOut} />`;
}

function Console({ caller, onSignOut }) {
  const [place, setPlace] = useState(readPlace);
  useEffect(() => {
    const moved = () => setPlace(readPlace());
    addEventListener("hashchange", moved);
    return () => removeEventListener("hashchange", moved);
  }, []);
  const page = pages.find((p) => p.path === place.path);
  useEffect(() => {
    document.title = page.title + " · auditlake";
  }, [page]);
  return html`
    <a class="skip" href="#main" onClick=${focusMain}>Skip to content</a>
    <header class="top">
      <span class="brand">auditlake</span>
      <nav aria-label="Pages">
        ${pages.map((p) => html`<a href=${"#/" + p.path} aria-current=${p === page ? "page" : undefined}>${p.title}</a>`)}
      </nav>
      <span class="who" title=${caller.keyId}>${caller.principal}</span>
      <button onClick=${onSignOut}>Sign out</button>
    </header>
    <main id="main" tabindex="-1"><${Loaded} key=${page.path} page=${page} argument=${place.argument} caller=${caller} /></main>`;
}

function focusMain(event) {
  event.preventDefault();
  document.getElementById("main").focus();
}

/** Loaded shows a page once its module is there. */
function Loaded({ page, argument, caller }) {
  const [state, setState] = useState({});
  useEffect(() => {
    page.load().then((module) => setState({ Page: module.Page }), () => setState({ problem: { code: "UNREACHABLE", message: "This page could not be loaded. Reload the browser window." } }));
  }, [page]);
  if (state.problem) return html`<${ProblemNote} problem=${state.problem} />`;
  if (!state.Page) return html`<p class="quiet">Loading…</p>`;
  return html`<${state.Page} argument=${argument} caller=${caller} />`;
}

render(html`<${App} />`, document.getElementById("app"));
