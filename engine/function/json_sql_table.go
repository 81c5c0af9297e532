package function

import (
	"github.com/auditlake/auditlake/engine/function/internal/jsonpath"
	"github.com/auditlake/auditlake/planner/sqljson"
	"github.com/auditlake/auditlake/planner/types"
)

// table returns the rows of JSON_TABLE: the items of the path, each with the rows of its nested paths. Bad input
// gives no rows, or with ERROR ON ERROR an error.
func (c *jsonCall) table() (types.Value, error) {
	if c.isNull {
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
		if rows, err = c.rowsOf(c.Table, items, cells); err != nil {
			return types.Value{}, err
		}
	}
	return types.Value{Type: c.result, V: rows}, nil
}

// rowsOf returns the rows of a path's items; cells holds the cells known so far.
func (c *jsonCall) rowsOf(plan *sqljson.Plan, items []jsonpath.Item, cells []types.Value) ([]types.Value, error) {
	rows := []types.Value{}
	for i, item := range items {
		row := append([]types.Value{}, cells...)
		for _, column := range plan.Columns {
			v, err := c.cell(column, item, int64(i)+1)
			if err != nil {
				return nil, err
			}
			row[column.Field] = v
		}
		var below []types.Value
		var err error
		if plan.Child != nil {
			if below, err = c.nestedRows(plan.Child, item, row); err != nil {
				return nil, err
			}
		}
		if len(below) == 0 && !(plan.Child != nil && plan.Inner) {
			below = []types.Value{{Type: c.result.Elem, V: row}}
		}
		rows = append(rows, below...)
	}
	return rows, nil
}

// nestedRows returns the rows of an item's nested paths.
func (c *jsonCall) nestedRows(plan *sqljson.Plan, item jsonpath.Item, cells []types.Value) ([]types.Value, error) {
	if len(plan.Siblings) == 0 {
		items, err := c.itemsOf(plan.Path, item)
		if err != nil && c.OnError == "ERROR" {
			return nil, err
		}
		return c.rowsOf(plan, items, cells)
	}
	if !plan.Cross {
		var rows []types.Value
		for _, sibling := range plan.Siblings {
			more, err := c.nestedRows(sibling, item, cells)
			if err != nil {
				return nil, err
			}
			rows = append(rows, more...)
		}
		return rows, nil
	}
	rows := []types.Value{{Type: c.result.Elem, V: cells}}
	for _, sibling := range plan.Siblings {
		var combined []types.Value
		for _, row := range rows {
			more, err := c.nestedRows(sibling, item, row.V.([]types.Value))
			if err != nil {
				return nil, err
			}
			combined = append(combined, more...)
		}
		rows = combined
	}
	return rows, nil
}

func (c *jsonCall) itemsOf(path string, item jsonpath.Item) ([]jsonpath.Item, error) {
	p, err := c.parse(path)
	if err != nil {
		return nil, err
	}
	return jsonpath.NewEvaluator(p, pathValues{c.env}).Evaluate(item, nil)
}

func (c *jsonCall) cell(column *sqljson.Column, item jsonpath.Item, ordinal int64) (types.Value, error) {
	t := c.result.Elem.Fields[column.Field].Type
	if column.Kind == sqljson.OrdinalityColumn {
		return types.Value{Type: t, V: ordinal}, nil
	}
	items, err := c.itemsOf(column.Path, item)
	if column.Kind == sqljson.QueryColumn {
		text, err := c.appendQueryCell(column, items, err)
		switch {
		case err == errNull:
			return types.Null(t), nil
		case err != nil:
			return types.Null(t), err
		case t.Kind == types.Varbinary:
			return types.Value{Type: t, V: encodeText(string(text), column.Format)}, nil
		}
		return castValue(c.env, jsonpath.TextItem(string(text)), t)
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
	case behavior == "ERROR" || behavior == "" && which == sqljson.ErrorCase && c.OnError == "ERROR":
		return types.Value{}, err
	case behavior == "DEFAULT":
		return c.param(fallback), nil
	}
	return types.Null(t), nil
}

func (c *jsonCall) appendQueryCell(column *sqljson.Column, items []jsonpath.Item, err error) ([]byte, error) {
	onError := column.OnError
	if onError == "" {
		onError = c.OnError
	}
	if err != nil {
		return onCase(nil, onError, err)
	}
	return c.appendItems(nil, items, column.Wrapper, column.Omit, column.OnEmpty, onError)
}
