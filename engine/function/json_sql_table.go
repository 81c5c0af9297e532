package function

import (
	"github.com/auditlake/auditlake/planner/sqljson"
	"github.com/auditlake/auditlake/planner/types"
)

// table gives the rows of JSON_TABLE: the items of the path, each with the rows
// of its nested paths. Bad input gives no rows, or an error if it is asked for.
func (c *jsonCall) table() (types.Value, error) {
	if c.input.IsNull() {
		return types.Null(c.result), nil
	}
	rows := []types.Value{}
	items, err := c.items()
	if err != nil && c.OnError == "ERROR" {
		return types.Value{}, err
	}
	if err == nil {
		row := c.result.Elem
		cells := make([]types.Value, len(row.Fields))
		for f, field := range row.Fields {
			cells[f] = types.Null(field.Type)
		}
		if rows, err = c.rows(rows, items, c.Columns, cells); err != nil {
			return types.Value{}, err
		}
	}
	return types.Value{Type: c.result, V: rows}, nil
}

// rows appends the rows of items; cells holds what is known of the row so far.
func (c *jsonCall) rows(rows []types.Value, items []jsonItem, columns []*sqljson.Column, cells []types.Value) ([]types.Value, error) {
	for i, item := range items {
		row := append([]types.Value{}, cells...)
		for _, column := range columns {
			if column.Kind == "NESTED" {
				continue
			}
			v, err := c.cell(column, item, int64(i)+1)
			if err != nil {
				return nil, err
			}
			row[column.Field] = v
		}
		var err error
		if rows, err = c.nestedRows(rows, item, columns, row); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// nestedRows appends the rows of each nested path in turn, or the row itself if
// there are none.
func (c *jsonCall) nestedRows(rows []types.Value, item jsonItem, columns []*sqljson.Column, row []types.Value) ([]types.Value, error) {
	before := len(rows)
	for _, column := range columns {
		if column.Kind != "NESTED" {
			continue
		}
		items, err := c.itemsOf(column.Path, item)
		if err != nil && c.OnError == "ERROR" {
			return nil, err
		}
		if rows, err = c.rows(rows, items, column.Columns, row); err != nil {
			return nil, err
		}
	}
	if len(rows) == before {
		rows = append(rows, types.Value{Type: c.result.Elem, V: row})
	}
	return rows, nil
}

func (c *jsonCall) itemsOf(path string, item jsonItem) ([]jsonItem, error) {
	p, err := sqljson.Parse(path)
	if err != nil {
		return nil, err
	}
	run := &pathRun{env: c.env, lax: p.Lax, input: item}
	return run.eval(p.Root, around{last: -1})
}

func (c *jsonCall) cell(column *sqljson.Column, item jsonItem, ordinal int64) (types.Value, error) {
	t := c.result.Elem.Fields[column.Field].Type
	if column.Kind == "ORDINALITY" {
		return types.Value{Type: t, V: ordinal}, nil
	}
	items, err := c.itemsOf(column.Path, item)
	if column.Kind == "QUERY" {
		v, err := c.queryCell(column, items, err)
		if err != nil || v.IsNull() {
			return types.Null(t), err
		}
		return castValue(c.env, v, t)
	}
	v, which := types.Null(t), sqljson.ErrorCase
	switch {
	case err == nil && len(items) == 0:
		which, err = sqljson.EmptyCase, valueError("JSON path found no items")
	case err == nil && len(items) > 1:
		err = valueError("JSON path found multiple items")
	case err == nil:
		v, which, err = scalarOf(c.env, items[0], t)
	}
	behavior, fallback := column.OnEmpty, column.EmptyDefault
	if which == sqljson.ErrorCase {
		behavior, fallback = column.OnError, column.ErrorDefault
	}
	switch {
	case which == sqljson.ValueCase:
		return v, nil
	case behavior == "ERROR" || behavior == "" && c.OnError == "ERROR":
		return types.Value{}, err
	case behavior == "DEFAULT":
		return c.values[fallback], nil
	}
	return types.Null(t), nil
}

func (c *jsonCall) queryCell(column *sqljson.Column, items []jsonItem, err error) (types.Value, error) {
	onEmpty, onError := column.OnEmpty, column.OnError
	if c.OnError == "ERROR" {
		if onEmpty == "" {
			onEmpty = "ERROR"
		}
		if onError == "" {
			onError = "ERROR"
		}
	}
	if err != nil {
		return onCase(onError, err)
	}
	return c.queried(items, column.Wrapper, column.Omit, onEmpty, onError)
}
