package tableimport

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
)

// csvRows reads CSV (RFC 4180; TSV with tabs). An empty field is NULL.
//
// The first line names the columns. With declared columns it is data unless it
// names them, in any order; fields then follow the order of the declaration.
type csvRows struct {
	file    io.Closer
	limit   *limitedLine
	reader  *csv.Reader
	columns []metadata.Column
	fields  []int    // column → field
	first   []string // a first line that is data
	line    int
	cast    *caster
}

func openCSV(r *Reader, format Format) (rowSource, error) {
	if r.columns == nil {
		var err error
		if r.columns, err = inferCSV(r.path, format); err != nil {
			return nil, err
		}
	}
	rows := &csvRows{columns: r.columns, cast: newCaster()}
	if err := rows.open(r.path, format); err != nil {
		return nil, err
	}
	if err := rows.begin(); err != nil {
		return nil, errors.Join(err, rows.close())
	}
	return rows, nil
}

func (c *csvRows) open(path string, format Format) error {
	file, err := openText(path)
	if err != nil {
		return err
	}
	c.file = file
	c.limit = &limitedLine{from: skipMark(file)}
	c.reader = csv.NewReader(c.limit)
	c.reader.ReuseRecord = true
	if format == TSV {
		c.reader.Comma = '\t'
	}
	return nil
}

// begin reads the first line.
func (c *csvRows) begin() error {
	line, err := c.read()
	if err == io.EOF {
		line, err = nil, nil
	}
	if err != nil {
		return err
	}
	if line == nil || c.named(line) {
		return nil
	}
	if len(line) != len(c.columns) {
		return fmt.Errorf("line 1 has %d fields, neither the declared columns' names nor a value for each of the %d", len(line), len(c.columns))
	}
	for i := range c.columns {
		c.fields = append(c.fields, i)
	}
	c.first = append([]string{}, line...)
	return nil
}

// named finds all columns in a line of names; false if it is none.
func (c *csvRows) named(line []string) bool {
	at := map[string]int{}
	for i, name := range line {
		at[columnName(name)] = i
	}
	fields := make([]int, len(c.columns))
	for i, column := range c.columns {
		field, ok := at[column.Name]
		if !ok {
			return false
		}
		fields[i] = field
	}
	c.fields = fields
	return true
}

func columnName(field string) string { return strings.ToLower(strings.TrimSpace(field)) }

func (c *csvRows) read() ([]string, error) {
	c.limit.bytes = 0
	line, err := c.reader.Read()
	if err != nil {
		return nil, err
	}
	c.line, _ = c.reader.FieldPos(0)
	for i, field := range line {
		if !utf8.ValidString(field) {
			return nil, fmt.Errorf("line %d: field %d is not valid UTF-8", c.line, i+1)
		}
	}
	return line, nil
}

func (c *csvRows) next() ([]types.Value, error) {
	line := c.first
	if line == nil {
		var err error
		if line, err = c.read(); err != nil {
			return nil, err
		}
	}
	c.first = nil
	row := make([]types.Value, len(c.columns))
	for i, column := range c.columns {
		v, err := c.value(line[c.fields[i]], column.Type)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", column.Name, err)
		}
		row[i] = v
	}
	return row, nil
}

// value reads a field. Arrays, maps and rows are written as JSON.
func (c *csvRows) value(field string, t *types.Type) (types.Value, error) {
	switch {
	case field == "":
		return types.Null(t), nil
	case t.Kind == types.Array || t.Kind == types.Map || t.Kind == types.Row:
		return c.cast.jsonValue([]byte(field), t)
	}
	return c.cast.text(strings.Clone(field), t)
}

func (c *csvRows) where() string { return fmt.Sprint("line ", c.line) }

func (c *csvRows) close() error { return c.file.Close() }

// skipMark leaves out the byte order mark that spreadsheets write.
func skipMark(r io.Reader) io.Reader {
	start := make([]byte, 3)
	n, err := io.ReadFull(r, start)
	if err == nil && string(start) == "\xEF\xBB\xBF" {
		return r
	}
	return io.MultiReader(strings.NewReader(string(start[:n])), r)
}

// limitedLine fails when one line, with the line feeds in its quoted fields, is longer than allowed.
type limitedLine struct {
	from  io.Reader
	bytes int
}

func (l *limitedLine) Read(p []byte) (int, error) {
	if l.bytes > maxLineBytes {
		return 0, fmt.Errorf("a line has more than %d bytes; is a quotation mark missing?", maxLineBytes)
	}
	n, err := l.from.Read(p)
	l.bytes += n
	return n, err
}
