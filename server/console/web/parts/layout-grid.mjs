import { html, useEffect, useRef } from "../vendor/preact.mjs";
import { columns, moved, resized } from "../lib/dashboard-draft.mjs";
import { placeOf } from "./dashboard-grid.mjs";
import { WidgetBody } from "./widget.mjs";

/** LayoutGrid moves and resizes widgets: with the mouse by their handles, with the keyboard by arrows and by Shift and arrows on a handle. */
export function LayoutGrid({ widgets, onChange, onEdit, onRemove }) {
  const grid = useRef();
  const latest = useRef(); // held is the key of the widget whose handle has the keyboard
  latest.current = { widgets, onChange };
  const gesture = useRef(); // {kind, key, …} while a handle is held; over is the key of the widget that is under it
  useEffect(() => {
    const move = (event) => gesture.current && (gesture.current.kind === "move" ? dragTo(event) : sizeTo(event));
    const end = () => (gesture.current = undefined);
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
    return () => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
    };
  }, []);
  const dragTo = (event) => {
    const over = [...grid.current.children].findIndex((e) => contains(e.getBoundingClientRect(), event));
    const { widgets, onChange } = latest.current;
    const reached = widgets[over]?.key;
    if (reached === gesture.current.over) return; // a larger widget is still there once it has given way
    gesture.current.over = reached;
    if (reached !== undefined && reached !== gesture.current.key) onChange(moved(widgets, gesture.current.key, over));
  };
  const sizeTo = (event) => {
    const { key, x, y, width, height } = gesture.current;
    const { widgets, onChange } = latest.current;
    onChange(resized(widgets, key, width + (event.clientX - x) / (grid.current.clientWidth / columns), height + (event.clientY - y) / 160));
  };
  const hold = (kind, widget) => (event) => {
    event.preventDefault();
    event.currentTarget.focus();
    gesture.current = { kind, key: widget.key, x: event.clientX, y: event.clientY, width: Number(widget.view.Width), height: Number(widget.view.Height) };
  };
  const keyed = (widget, at) => (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step) return;
    event.preventDefault();
    latest.held = widget.key;
    if (event.shiftKey) onChange(resized(widgets, widget.key, Number(widget.view.Width) + step[0], Number(widget.view.Height) + step[1]));
    else onChange(moved(widgets, widget.key, at + step[0] + step[1]));
  };
  useEffect(() => { // moving an element takes the focus from it
    if (latest.held) grid.current.querySelector(`[data-handle="${latest.held}"]`)?.focus();
    latest.held = undefined;
  }, [widgets]);
  if (widgets.length === 0) return html`<p class="quiet">The dashboard has no widgets yet.</p>`;
  return html`<p class="quiet">Drag ✥ to move a widget and ◢ to resize it. On ✥, arrow keys move the widget, and Shift with arrow keys resizes it.</p>
    <div class="dashboard" ref=${grid}>
    ${widgets.map((w, at) => html`<section class="widget" key=${w.key} style=${placeOf(w.view)} aria-label=${w.view.Title}>
      <header>
        <button class="handle" data-handle=${w.key} aria-label=${`Place of ${w.view.Title}: ${at + 1} of ${widgets.length}, ${w.view.Width} wide, ${w.view.Height} high`}
          title="Arrow keys move, Shift with arrow keys resizes" onPointerDown=${hold("move", w)} onKeyDown=${keyed(w, at)}>✥</button>
        <h2>${w.view.Title}</h2>
        <span class="widget-tools">
          <button aria-label=${`Edit ${w.view.Title}`} onClick=${() => onEdit(w.key)}>Edit</button>
          <button aria-label=${`Remove ${w.view.Title}`} onClick=${() => onRemove(w.key)}>Remove</button>
        </span>
      </header>
      <${WidgetBody} widget=${{ ...w, title: w.view.Title }} asTable=${w.view.View === "Table"} />
      <span class="resize" aria-hidden="true" onPointerDown=${hold("size", w)}>◢</span>
    </section>`)}
  </div>`;
}

const contains = (box, { clientX, clientY }) => clientX >= box.left && clientX <= box.right && clientY >= box.top && clientY <= box.bottom;
