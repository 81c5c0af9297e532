import { html, useEffect, useRef, useState } from "../vendor/preact.mjs";
import { post } from "../lib/api.mjs";

// The editor stands in a shadow root: there its library keeps its styles in constructed sheets, which the page's policy allows.

/**
 * SQLEditor edits a statement. onReady gets {toggleComment, setText, insert, focus}; problem is underlined where the server says it is.
 */
export function SQLEditor({ text, problem, onChange, onRun, onReady }) {
  const host = useRef();
  const editor = useRef();
  const latest = useRef({});
  const sync = useRef({ reported: new Set(), isSetting: false }); // reported: texts of the editor that come back as text, perhaps when it has gone on
  latest.current = { text, problem, onChange, onRun };
  const [failed, setFailed] = useState(false);

  useEffect(() => {
    let isGone = false;
    import("../vendor/codemirror.mjs").then((cm) => {
      if (isGone) return;
      editor.current = { cm, view: makeView(cm, host.current, latest, sync.current) };
      onReady?.(commands(cm, editor.current.view));
      underline(editor.current, latest.current.problem);
    }, () => setFailed(true));
    return () => {
      isGone = true;
      editor.current?.view.destroy();
    };
  }, []);
  useEffect(() => {
    const view = editor.current?.view;
    const shown = view?.state.doc.toString();
    if (shown === text) sync.current.reported.clear();
    if (!view || shown === text || sync.current.reported.has(text)) return;
    sync.current.isSetting = true;
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    sync.current.isSetting = false;
  }, [text]);
  useEffect(() => underline(editor.current, problem), [problem]);

  if (failed) return html`<textarea class="editor" aria-label="Statement" value=${text} onInput=${(e) => onChange(e.target.value)} />`;
  return html`<div class="editor" ref=${host}></div>`;
}

function makeView(cm, host, latest, sync) {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const run = () => {
    latest.current.onRun();
    return true;
  };
  return new cm.EditorView({
    root,
    parent: root,
    state: cm.EditorState.create({
      doc: latest.current.text,
      extensions: [
        cm.Prec.highest(cm.keymap.of([{ key: "Mod-Enter", run }, { key: "Tab", run: cm.acceptCompletion }])),
        cm.lineNumbers(), cm.highlightSpecialChars(), cm.history(), cm.drawSelection(), cm.dropCursor(), cm.indentOnInput(),
        cm.bracketMatching(), cm.closeBrackets(), cm.highlightActiveLine(), cm.highlightSelectionMatches(), cm.EditorView.lineWrapping,
        cm.autocompletion({ override: [completions], maxRenderedOptions: 100 }),
        dialect(cm).language,
        cm.syntaxHighlighting(colours(cm)), theme(cm),
        cm.EditorView.contentAttributes.of({ "aria-label": "Statement", spellcheck: "false" }),
        cm.keymap.of([...cm.closeBracketsKeymap, ...cm.defaultKeymap, ...cm.searchKeymap, ...cm.historyKeymap, ...cm.completionKeymap, ...cm.lintKeymap]),
        cm.EditorView.updateListener.of((update) => {
          if (!update.docChanged || sync.isSetting) return;
          const now = update.state.doc.toString();
          sync.reported.add(now);
          latest.current.onChange(now);
        }),
      ],
    }),
  });
}

const keywords = `all and any array as asc at between by case cast cross cube current date day desc describe distinct else end escape except exists
explain extract false fetch filter first following for from full functions group grouping having hour if in inner intersect interval into is join json last
lateral left like limit map match_recognize minute month natural not null nulls offset on only or order outer over partition preceding range recursive
right rollup row rows second select sets show some table tables then time timestamp true try_cast unbounded union unnest using values when where window with
within without year zone`;
const typeNames = "array bigint boolean char date decimal double integer interval ipaddress json map real row smallint time timestamp tinyint uuid varbinary varchar";

const dialect = (cm) => cm.SQLDialect.define({ keywords, types: typeNames, doubleQuotedStrings: false, slashComments: false, operatorChars: "*+-%<>!=|/", identifierQuotes: '"' });

const colours = (cm) => cm.HighlightStyle.define([
  { tag: cm.tags.keyword, color: "var(--keyword)" },
  { tag: [cm.tags.string, cm.tags.special(cm.tags.string)], color: "var(--string)" },
  { tag: [cm.tags.number, cm.tags.bool, cm.tags.null], color: "var(--number)" },
  { tag: cm.tags.typeName, color: "var(--type)" },
  { tag: [cm.tags.lineComment, cm.tags.blockComment], color: "var(--quiet)", fontStyle: "italic" },
]);

const theme = (cm) => cm.EditorView.theme({
  "&": { color: "var(--text)", backgroundColor: "var(--field)", fontSize: "13px", maxHeight: "45vh", minHeight: "7.5em" },
  "&.cm-focused": { outline: "2px solid var(--focus)" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5", minHeight: "7.5em" },
  ".cm-content": { caretColor: "var(--text)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "var(--field)", color: "var(--quiet)", border: "none" },
  ".cm-activeLine": { backgroundColor: "var(--line)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--selection)" },
  ".cm-selectionMatch": { backgroundColor: "var(--selection)" },
  ".cm-tooltip": { backgroundColor: "var(--panel)", color: "var(--text)", border: "1px solid var(--border)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  ".cm-completionDetail": { color: "inherit", opacity: "1" },
  ".cm-completionInfo": { whiteSpace: "pre-wrap", maxWidth: "32em", fontFamily: "var(--mono)", fontSize: "12px" },
  ".cm-panels": { backgroundColor: "var(--panel)", color: "var(--text)" },
  ".cm-diagnostic": { borderLeftColor: "var(--bad)" },
});

/** completions asks the server what may follow. */
async function completions(context) {
  const before = context.state.doc.sliceString(0, context.pos);
  if (!context.explicit && !/[\w.]$|'[^'\n]*$/.test(before)) return null;
  const aborting = new AbortController();
  context.addEventListener("abort", () => aborting.abort());
  const answer = await post("completion", { text: before.slice(-20000) }, aborting.signal).catch(() => null);
  if (!answer || answer.choices.length === 0) return null;
  const boosts = { name: 2, function: 1, keyword: 0 };
  return {
    from: context.pos - answer.prefix.length,
    validFor: /^\w+$/,
    options: answer.choices.map((c) => ({
      label: c.text, detail: c.detail, info: c.doc, boost: boosts[c.kind], type: c.kind === "name" ? "property" : c.kind,
    })),
  };
}

/** underline marks the place of a problem, from its token's first character to its last. */
function underline(editor, problem) {
  if (!editor) return;
  const { cm, view } = editor;
  const marks = [];
  if (problem?.line > 0 && problem.line <= view.state.doc.lines) {
    const line = view.state.doc.line(problem.line);
    const before = [...line.text].slice(0, problem.column - 1).join("").length; // the server counts characters
    const from = Math.min(line.from + before, line.to);
    const token = line.text.slice(before).match(/^(\w+|\S)/)?.[0].length ?? 0;
    marks.push({ from, to: from + token, severity: "error", message: problem.message });
  }
  view.dispatch(cm.setDiagnostics(view.state, marks));
}

function commands(cm, view) {
  return {
    toggleComment: () => cm.toggleComment(view),
    setText: (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }),
    insert: (text) => {
      view.dispatch(view.state.replaceSelection(text), { scrollIntoView: true });
      view.focus();
    },
    focus: () => view.focus(),
  };
}
