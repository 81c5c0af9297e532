import { get, parameters } from "./api.mjs";

const pageRows = 200;
const maxPages = 60; // in memory: the memory of the page does not grow with the result

/** RowSource has the rows of a kept result: those that were asked for lately. */
export class RowSource {
  constructor(queryId) {
    this.queryId = queryId;
    this.total = 0;
    this.columns = [];
    this.widthsVersion = 0;
    this.pages = new Map(); // by number; the order is that of use
    this.asked = new Set();
    this.listeners = new Set();
  }

  /** load fetches the first page, and with it columns and length. */
  async load() {
    await this.fetchPage(0);
    this.widthsVersion++;
    return this;
  }

  onChange(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** row returns the values of a row, undefined if they are not here. */
  row(number) {
    return this.pages.get(Math.floor(number / pageRows))?.[number % pageRows];
  }

  /** want fetches the pages of some rows, unless they are here. */
  want(first, last) {
    for (let page = Math.floor(first / pageRows); page * pageRows < last; page++) {
      const rows = this.pages.get(page);
      if (rows) {
        this.pages.delete(page);
        this.pages.set(page, rows);
      } else if (!this.asked.has(page)) {
        this.fetchPage(page).catch(() => {}); // the rows stay "…", and are asked for again when they are seen again
      }
    }
  }

  async fetchPage(page) {
    this.asked.add(page);
    try {
      const rows = [];
      const from = page * pageRows;
      do { // long rows come in parts
        const part = await this.fetchRows(from + rows.length, pageRows - rows.length);
        rows.push(...part);
        if (part.length === 0) break;
      } while (rows.length < pageRows && from + rows.length < this.total);
      this.pages.set(page, rows);
      for (const oldest of this.pages.keys()) {
        if (this.pages.size <= maxPages) break;
        this.pages.delete(oldest);
      }
    } finally {
      this.asked.delete(page);
    }
    for (const listener of this.listeners) listener();
  }

  /** fetchRows returns rows as they are, without keeping them. */
  async fetchRows(offset, limit) {
    const answer = await get(`queries/${this.queryId}/rows?${parameters({ offset, limit })}`);
    this.total = answer.total;
    this.columns = answer.columns;
    return answer.rows;
  }

  /** wholeValue returns a value of which a page has only the beginning. */
  async wholeValue(row, column) {
    return (await get(`queries/${this.queryId}/value?${parameters({ row, column })}`)).value;
  }
}
