package console

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
)

const (
	// maxPageRows limits the rows of a page.
	maxPageRows = 1000
	// maxPageBytes is about the limit of a page's size, unless a single row is longer.
	maxPageBytes = 4 << 20
	// maxCellBytes limits how much of a value a page shows. The page can request the whole value.
	maxCellBytes = 2000
)

// result opens the stored result of a query that the caller may read. The caller closes it.
func (d *Door) result(c *call) (*engine.QueryResult, *engine.QueryInfo, error) {
	info, err := d.lake.Queries().Get(c.r.PathValue("id"))
	if err != nil {
		return nil, nil, err
	}
	if err := d.allowResult(c.r.Context(), c, info); err != nil {
		return nil, nil, err
	}
	open := d.lake.Queries().Results
	if info.State == engine.QueryTimedOut {
		open = d.lake.Queries().PartialResults
	}
	result, err := open(info.ID)
	return result, info, err
}

// notePage records in the activity that the caller reads a result.
func (d *Door) notePage(c *call, name, id string) {
	d.notePoll(c, name, id, map[string]any{"queryId": id})
}

// notePoll records in the activity a read that the page repeats. Repeated reads of one thing are counted together.
func (d *Door) notePoll(c *call, name, of string, parameters map[string]any) {
	asker := c.asker()
	d.lake.Activity().NotePoll(engine.ActivityPoll{Name: name, Asker: asker.KeyID, Query: of}, &engine.ActivityEvent{
		At: d.lake.Now(), Source: eventSource, Name: name, Type: engine.ActivityServiceEvent, By: asker, ReadOnly: true,
		Parameters: engine.ActivityParameters(parameters),
	})
}

// columnView is a column of a result.
type columnView struct {
	Name      string `json:"name"`
	Type      string `json:"type"`
	IsNumeric bool   `json:"isNumeric"`
	IsNested  bool   `json:"isNested"` // the values are JSON
}

func columnViews(columns []answer.Column) []columnView {
	out := make([]columnView, len(columns))
	for i, c := range columns {
		text := c.Type.String()
		isNested := strings.HasPrefix(text, "array(") || strings.HasPrefix(text, "map(") || strings.HasPrefix(text, "row(")
		out[i] = columnView{c.Name, text, c.Type.IsNumeric(), isNested}
	}
	return out
}

// cell is a value in a page: NULL, its text, or the beginning of a long text with the full length.
type cell struct {
	isNull bool
	text   string
	bytes  int // of the full text
}

// MarshalJSON writes null, a string, or [beginning, bytes]. Numbers are strings, because JavaScript's are exact
// only to 53 bits.
func (c cell) MarshalJSON() ([]byte, error) {
	switch {
	case c.isNull:
		return []byte("null"), nil
	case c.bytes > len(c.text):
		out := answer.AppendQuoted([]byte{'['}, []byte(c.text))
		return append(strconv.AppendInt(append(out, ','), int64(c.bytes), 10), ']'), nil
	}
	return answer.AppendQuoted(nil, []byte(c.text)), nil
}

// pageView is a range of a result's rows.
type pageView struct {
	Columns []columnView `json:"columns"`
	Offset  int64        `json:"offset"`
	Total   int64        `json:"total"`
	Rows    [][]cell     `json:"rows"` // fewer than requested if they are long
}

// rows returns a page of a result, from row offset on. The first row is 0.
func (d *Door) rows(c *call) (any, error) {
	offset, err := c.number("offset", 0, 1<<53, 0)
	if err != nil {
		return nil, err
	}
	limit, err := c.number("limit", 1, maxPageRows, 100)
	if err != nil {
		return nil, err
	}
	result, info, err := d.result(c)
	if err != nil {
		return nil, err
	}
	defer result.Close()
	d.notePage(c, "GetPage", info.ID)
	return readPage(c.r.Context(), result, offset, limit, maxPageBytes)
}

// readPage reads up to limit rows of a result from row offset on. It stops after the row that reaches maxBytes.
func readPage(ctx context.Context, result *engine.QueryResult, offset, limit int64, maxBytes int) (*pageView, error) {
	out := &pageView{Columns: columnViews(result.Columns()), Offset: offset, Total: result.Rows(), Rows: [][]cell{}}
	page := result.Page(ctx, offset, limit)
	size := 0
	var text []byte
	for size < maxBytes && page.Next() {
		arrays := page.Arrays()
		for row := 0; row < arrays[0].Len() && size < maxBytes; row++ {
			cells := make([]cell, len(arrays))
			for i, column := range result.Columns() {
				if answer.IsNull(arrays[i], row) {
					cells[i].isNull = true
					continue
				}
				text = answer.AppendShown(text[:0], column.Type, arrays[i], row)
				cells[i].bytes, cells[i].text = len(text), cutText(text, maxCellBytes)
				size += len(cells[i].text)
			}
			out.Rows = append(out.Rows, cells)
		}
	}
	return out, page.Err()
}

// cutText returns the first bytes of a text, cut at a whole character.
func cutText(text []byte, bytes int) string {
	if len(text) <= bytes {
		return string(text)
	}
	for bytes > 0 && !utf8.RuneStart(text[bytes]) {
		bytes--
	}
	return string(text[:bytes])
}

// value returns one whole value of a result.
func (d *Door) value(c *call) (any, error) {
	row, err := c.number("row", 0, 1<<53, 0)
	if err != nil {
		return nil, err
	}
	column, err := c.number("column", 0, 1<<20, 0)
	if err != nil {
		return nil, err
	}
	result, info, err := d.result(c)
	if err != nil {
		return nil, err
	}
	defer result.Close()
	d.notePage(c, "GetPage", info.ID)
	if row >= result.Rows() || int(column) >= len(result.Columns()) {
		return nil, notFound("the result has %d rows and %d columns", result.Rows(), len(result.Columns()))
	}
	page := result.Page(c.r.Context(), row, 1)
	if !page.Next() {
		return nil, page.Err()
	}
	arrays := page.Arrays()
	out := struct {
		Value cell `json:"value"`
	}{cell{isNull: true}}
	if !answer.IsNull(arrays[column], 0) {
		text := answer.AppendShown(nil, result.Columns()[column].Type, arrays[column], 0)
		out.Value = cell{text: string(text), bytes: len(text)}
	}
	return out, nil
}

// fileFormat is a format for downloading results.
type fileFormat struct{ name, extension, contentType string }

var fileFormats = map[string]fileFormat{
	"csv":     {"csv", "csv", "text/csv; charset=utf-8"},
	"ndjson":  {"ndjson", "ndjson", "application/x-ndjson"},
	"parquet": {"parquet", "parquet", "application/vnd.apache.parquet"},
	"arrow":   {"arrow-file", "arrow", "application/vnd.apache.arrow.file"},
}

// downloadWait is how long a browser may take for the next part of a file.
const downloadWait = 2 * time.Minute

// download sends a whole result as a file. With safe, spreadsheets take no text in a CSV file for a formula.
func (d *Door) download(c *call) (any, error) {
	format, isKnown := fileFormats[c.r.URL.Query().Get("format")]
	if !isKnown {
		return nil, invalid("format must be csv, ndjson, parquet or arrow")
	}
	result, info, err := d.result(c)
	if err != nil {
		return nil, err
	}
	defer result.Close()
	d.note(c, "DownloadResult", true, map[string]any{"queryId": info.ID, "format": format.name})
	h := c.w.Header()
	h.Set("Content-Type", format.contentType)
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="auditlake-%s.%s"`, info.ID, format.extension))
	out := &patientWriter{w: c.w}
	layout := answer.Layout{SafeCSV: c.r.URL.Query().Get("safe") == "true"}
	if _, err := layout.Write(format.name, out, result.Page(c.r.Context(), 0, -1)); err != nil {
		if out.isBegun {
			d.log.Warn("a download was cut", "query", info.ID, "error", err)
			abort()
		}
		h.Del("Content-Disposition")
		return nil, err
	}
	return nil, nil
}
