import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "../vendor/preact.mjs";
import { cellText } from "../lib/cells.mjs";
import { count } from "../lib/text.mjs";

const rowHeight = 24;
const maxHeight = 8_000_000; // pixels: browsers draw no element that is much higher
const charWidth = 7.4;

/**
 * Grid shows a result of any length: rows are drawn and fetched where they are seen. Beyond maxHeight the scroll bar is scaled, and wheel
 * and keys still move by rows. source is a RowSource; onOpen gets the number of a row, onSort that of a
 * column. order is {column, descending} of the rows.
 */
export function Grid({ source, order, onOpen, onColumn, onSort, goTo }) {
  const frame = useRef();
  const [top, setTop] = useState(0); // number of the first row that is seen, with a fraction
  const [left, setLeft] = useState(0);
  const [size, setSize] = useState({ width: 800, height: 400 });
  const [cursor, setCursor] = useState({ row: 0, column: 0 });
  const [, redraw] = useState(0);
  const placed = useRef(-1); // where move has put the scroll bar

  useEffect(() => source.onChange(() => redraw((n) => n + 1)), [source]);
  useEffect(() => show(0), [source]); // the same rows in another order
  useLayoutEffect(() => {
    const seen = new ResizeObserver(() => setSize({ width: frame.current.clientWidth, height: frame.current.clientHeight }));
    seen.observe(frame.current);
    return () => seen.disconnect();
  }, []);
  useEffect(() => goTo !== undefined && show(goTo), [goTo]);

  const { lefts, total: fullWidth } = useMemo(() => columnPlaces(source), [source, source.widthsVersion]);
  const bodyHeight = Math.max(0, size.height - rowHeight);
  const seenRows = bodyHeight / rowHeight;
  const lastTop = Math.max(0, source.total - seenRows);
  const spaceHeight = Math.min(source.total * rowHeight, maxHeight);
  const pixelsPerRow = lastTop === 0 ? 1 : (spaceHeight - bodyHeight) / lastTop;

  const move = (to) => {
    const next = Math.min(lastTop, Math.max(0, to));
    setTop(next);
    frame.current.scrollTop = next * pixelsPerRow;
    placed.current = frame.current.scrollTop;
  };
  const show = (row) => {
    setCursor((c) => ({ ...c, row }));
    if (row < top || row >= top + seenRows - 1) move(row - seenRows / 2);
  };
  const scrolled = () => {
    setLeft(frame.current.scrollLeft);
    if (Math.abs(frame.current.scrollTop - placed.current) < 1) return; // top is more exact than the scroll bar
    placed.current = -1;
    setTop(Math.min(lastTop, frame.current.scrollTop / pixelsPerRow));
  };
  const wheeled = (event) => {
    if (spaceHeight < maxHeight || event.shiftKey || event.deltaY === 0) return;
    event.preventDefault();
    move(top + event.deltaY / rowHeight);
  };
  useEffect(() => { // Preact's own listeners of wheels are passive
    const element = frame.current;
    element.addEventListener("wheel", wheeled, { passive: false });
    return () => element.removeEventListener("wheel", wheeled);
  });
  const keyed = (event) => {
    const page = Math.max(1, Math.floor(seenRows) - 1);
    const to = { ...cursor };
    if (event.key === "ArrowDown") to.row++;
    else if (event.key === "ArrowUp") to.row--;
    else if (event.key === "PageDown") to.row += page;
    else if (event.key === "PageUp") to.row -= page;
    else if (event.key === "ArrowRight") to.column++;
    else if (event.key === "ArrowLeft") to.column--;
    else if (event.key === "Home") event.ctrlKey ? (to.row = 0) : (to.column = 0);
    else if (event.key === "End") event.ctrlKey ? (to.row = source.total - 1) : (to.column = source.columns.length - 1);
    else if (event.key === "Enter") return onOpen(cursor.row);
    else if (event.key === "s" && !event.ctrlKey && !event.metaKey) return onSort(cursor.column);
    else return;
    event.preventDefault();
    to.row = Math.min(source.total - 1, Math.max(0, to.row));
    to.column = Math.min(source.columns.length - 1, Math.max(0, to.column));
    setCursor(to);
    if (to.row < top) move(to.row);
    else if (to.row > top + seenRows - 1) move(to.row - seenRows + 1);
    const cellLeft = lefts[to.column];
    if (cellLeft < frame.current.scrollLeft || lefts[to.column + 1] > frame.current.scrollLeft + size.width) frame.current.scrollLeft = cellLeft;
  };

  const first = Math.floor(top);
  const last = Math.min(source.total, Math.ceil(top + seenRows) + 1);
  source.want(first, last);
  let firstColumn = lefts.findIndex((_, i) => lefts[i + 1] > left);
  firstColumn = Math.max(0, firstColumn);
  let lastColumn = firstColumn;
  while (lastColumn < source.columns.length && lefts[lastColumn] < left + size.width) lastColumn++;
  const columns = source.columns.slice(firstColumn, lastColumn).map((c, i) => ({ ...c, at: firstColumn + i }));
  const place = (at) => ({ left: lefts[at] + "px", width: lefts[at + 1] - lefts[at] + "px" });
  const offset = frame.current ? frame.current.scrollTop : 0;

  return html`<div class="grid" role="grid" tabindex="0" ref=${frame} onScroll=${scrolled} onKeyDown=${keyed} aria-label=${`Result of ${count(source.total)} rows`}
      aria-rowcount=${source.total + 1} aria-colcount=${source.columns.length} aria-activedescendant=${`cell-${cursor.row}-${cursor.column}`}>
    <div class="grid-head" role="row" aria-rowindex="1" style=${{ width: fullWidth + "px" }}>
      ${columns.map((c) => html`<div role="columnheader" aria-colindex=${c.at + 1} class="grid-cell" style=${place(c.at)} key=${c.at} aria-sort=${sortOf(order, c.at)}>
        <button tabindex="-1" class="sort" title=${"Sort by " + c.name + " (S in the grid)"} aria-label=${"Sort by " + c.name} onClick=${() => onSort(c.at)}>${sortMarks[sortOf(order, c.at)]}</button>
        <button tabindex="-1" title=${`${c.name} ${c.type}: show statistics`} onClick=${() => onColumn(c.at)}>${c.name}</button></div>`)}
    </div>
    <div class="grid-space" style=${{ height: spaceHeight + "px", width: fullWidth + "px" }} role="rowgroup">
      ${Array.from({ length: Math.max(0, last - first) }, (_, i) => {
        const row = first + i;
        const cells = source.row(row);
        return html`<div role="row" class=${"grid-row" + (row === cursor.row ? " at" : "")} aria-rowindex=${row + 2} key=${row}
            style=${{ transform: `translateY(${offset + (row - top) * rowHeight}px)` }} onDblClick=${() => onOpen(row)}>
          ${columns.map((c) => {
            const isAt = row === cursor.row && c.at === cursor.column;
            const value = cells?.[c.at];
            return html`<div role="gridcell" aria-colindex=${c.at + 1} id=${`cell-${row}-${c.at}`} key=${c.at} style=${place(c.at)}
              class=${`grid-cell${c.isNumeric ? " number" : ""}${isAt ? " cursor" : ""}${value === null ? " null" : ""}`}
              onClick=${() => setCursor({ row, column: c.at })}>${cells ? cellText(value) : "…"}</div>`;
          })}
        </div>`;
      })}
    </div>
  </div>`;
}

const sortMarks = { none: "⇅", ascending: "↑", descending: "↓" };

/** sortOf says how a column orders the rows. */
const sortOf = (order, column) => (order?.column !== column ? "none" : order.descending ? "descending" : "ascending");

/** columnPlaces returns where columns begin, by what their first rows need. */
function columnPlaces(source) {
  const lefts = [0];
  for (const [i, c] of source.columns.entries()) {
    let characters = c.name.length + 4;
    for (let row = 0; row < 40; row++) {
      const cells = source.row(row);
      if (cells) characters = Math.max(characters, cellText(cells[i]).length + 1);
    }
    lefts.push(lefts[i] + Math.round(Math.min(48, Math.max(6, characters)) * charWidth + 16));
  }
  return { lefts, total: lefts.at(-1) };
}
