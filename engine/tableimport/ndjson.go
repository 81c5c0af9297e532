package tableimport

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
)

// ndjsonRows reads one JSON object a line, members by column name without
// regard to letter case, or, with declared columns, one array a line, items by
// position. Absent members are NULL; other members are left out.
type ndjsonRows struct {
	file    io.Closer
	lines   *bufio.Scanner
	columns []metadata.Column
	line    int
	cast    *caster
}

func openNDJSON(r *Reader) (rowSource, error) {
	if r.columns == nil {
		var err error
		if r.columns, err = inferNDJSON(r.path); err != nil {
			return nil, err
		}
	}
	rows := &ndjsonRows{columns: r.columns, cast: newCaster()}
	return rows, rows.open(r.path)
}

func (n *ndjsonRows) open(path string) error {
	file, err := openText(path)
	if err != nil {
		return err
	}
	n.file = file
	n.lines = bufio.NewScanner(skipMark(file))
	n.lines.Buffer(nil, maxLineBytes)
	return nil
}

// read returns the next line that is not blank.
func (n *ndjsonRows) read() ([]byte, error) {
	for n.lines.Scan() {
		n.line++
		line := bytes.TrimSpace(n.lines.Bytes())
		if len(line) == 0 {
			continue
		}
		if !utf8.Valid(line) {
			return nil, errors.New("not valid UTF-8")
		}
		return line, nil
	}
	err := n.lines.Err()
	if errors.Is(err, bufio.ErrTooLong) {
		n.line++
		return nil, fmt.Errorf("more than %d bytes", maxLineBytes)
	}
	if err == nil {
		err = io.EOF
	}
	return nil, err
}

func (n *ndjsonRows) next() ([]types.Value, error) {
	line, err := n.read()
	if err != nil {
		return nil, err
	}
	items, err := n.items(line)
	if err != nil {
		return nil, err
	}
	row := make([]types.Value, len(n.columns))
	for i, c := range n.columns {
		if row[i], err = n.cast.jsonValue(items[i], c.Type); err != nil {
			return nil, fmt.Errorf("column %s: %w", c.Name, err)
		}
	}
	return row, nil
}

// items are the values of a line, by column.
func (n *ndjsonRows) items(line []byte) ([]jsonText, error) {
	switch line[0] {
	case '{':
		return members(line, len(n.columns), func(i int) string { return n.columns[i].Name })
	case '[':
		items, err := itemsOf(line)
		if err != nil {
			return nil, err
		}
		if len(items) != len(n.columns) {
			return nil, fmt.Errorf("%d values for %d columns", len(items), len(n.columns))
		}
		return items, nil
	}
	return nil, errors.New("neither a JSON object nor an array")
}

func (n *ndjsonRows) where() string { return fmt.Sprint("line ", n.line) }

func (n *ndjsonRows) close() error { return n.file.Close() }

// members takes the members of an object by name: as written, or else without regard to letter case. Of a
// repeated name the last member counts; an absent one is nil.
func members(text jsonText, count int, name func(int) string) ([]jsonText, error) {
	written, folded := map[string]jsonText{}, map[string]jsonText{}
	err := eachMember(text, func(name string, value jsonText) error {
		written[name], folded[strings.ToLower(name)] = value, value
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := make([]jsonText, count)
	for i := range out {
		item, ok := written[name(i)]
		if !ok {
			item = folded[strings.ToLower(name(i))]
		}
		out[i] = item
	}
	return out, nil
}
