package conformance

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
)

// fixtureGroupRows is how many rows of a table make a row group: small, so that
// small tables have several.
const fixtureGroupRows = 3

// Fixtures reads the tables of the recorded cases from fixtures.json in a folder.
func Fixtures(dir string) (*Source, error) {
	text, err := os.ReadFile(filepath.Join(dir, "fixtures.json"))
	if err != nil {
		return nil, fmt.Errorf("conformance: %w", err)
	}
	var list []fixture
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("conformance: fixtures: %w", err)
	}
	source := &Source{Tables: map[string]*Table{}, GroupRows: fixtureGroupRows}
	for _, f := range list {
		t, err := f.load()
		if err != nil {
			return nil, fmt.Errorf("conformance: table %s: %w", f.Table, err)
		}
		source.Tables[strings.ToLower(f.Table)] = t
	}
	return source, nil
}

type fixture struct {
	Table   string
	Columns []Column
	Rows    [][]json.RawMessage
}

func (f fixture) load() (*Table, error) {
	t := &Table{Meta: &metadata.Table{Name: f.Table, Rows: int64(len(f.Rows))}, Rows: len(f.Rows)}
	for i, c := range f.Columns {
		parsed, err := types.ParseType(c.Type)
		if err != nil {
			return nil, err
		}
		values := make([]types.Value, len(f.Rows))
		for r, row := range f.Rows {
			if values[r], err = ReadValue(parsed, row[i]); err != nil {
				return nil, fmt.Errorf("row %d, %s: %w", r, c.Name, err)
			}
		}
		a, err := function.ArrayOf(parsed, values)
		if err != nil {
			return nil, err
		}
		t.Meta.Columns = append(t.Meta.Columns, metadata.Column{Name: c.Name, Type: parsed})
		t.Columns = append(t.Columns, a)
	}
	return t, nil
}

// ReadValue reads a value as the client protocol writes it, of the types that
// the fixtures have.
func ReadValue(t *types.Type, text json.RawMessage) (types.Value, error) {
	if string(text) == "null" {
		return types.Null(t), nil
	}
	s := string(text)
	if s[0] == '"' {
		if err := json.Unmarshal(text, &s); err != nil {
			return types.Value{}, err
		}
	}
	v, err := readKind(t, s)
	return types.Value{Type: t, V: v}, err
}

func readKind(t *types.Type, s string) (any, error) {
	switch t.Kind {
	case types.Boolean:
		return strconv.ParseBool(s)
	case types.TinyInt, types.SmallInt, types.Integer, types.BigInt:
		return strconv.ParseInt(s, 10, 64)
	case types.Double:
		return strconv.ParseFloat(s, 64)
	case types.Real:
		f, err := strconv.ParseFloat(s, 32)
		return float32(f), err
	case types.Decimal:
		return decimal128.FromString(s, int32(t.Precision), int32(t.Scale))
	case types.Date:
		days, ok := types.ParseDate(s)
		if !ok {
			return nil, fmt.Errorf("no date: %s", s)
		}
		return days, nil
	case types.Timestamp:
		parsed, err := types.ParseTimestamp(s)
		return parsed.V, err
	case types.Varbinary:
		return base64.StdEncoding.DecodeString(s)
	case types.Array, types.Row:
		return readItems(t, s)
	case types.Map:
		return readMap(t, s)
	}
	return s, nil
}

func readItems(t *types.Type, s string) ([]types.Value, error) {
	var items []json.RawMessage
	if err := json.Unmarshal([]byte(s), &items); err != nil {
		return nil, err
	}
	list := make([]types.Value, len(items))
	for i, item := range items {
		v, err := ReadValue(elementOf(t, i), item)
		if err != nil {
			return nil, err
		}
		list[i] = v
	}
	return list, nil
}

// readMap keeps the entries in the order they are written.
func readMap(t *types.Type, s string) (types.MapValue, error) {
	m := types.MapValue{}
	d := json.NewDecoder(bytes.NewReader([]byte(s)))
	if _, err := d.Token(); err != nil {
		return m, err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return m, err
		}
		var item json.RawMessage
		if err := d.Decode(&item); err != nil {
			return m, err
		}
		v, err := ReadValue(t.Elem, item)
		if err != nil {
			return m, err
		}
		m.Keys = append(m.Keys, types.Value{Type: t.Key, V: key})
		m.Values = append(m.Values, v)
	}
	return m, nil
}
