package jsonpath

import (
	"strings"

	"github.com/auditlake/auditlake/planner/sqljson"
	"github.com/auditlake/auditlake/planner/types"
)

// numberOf is an item that must be a number.
func numberOf(item Item) (types.Value, error) {
	if big, ok := item.(BigNumber); ok {
		return types.Value{}, pathError("cannot convert %s to Trino value (value too big)", string(big))
	}
	v, ok := item.(*types.Value)
	if !ok || !v.Type.IsNumeric() {
		return types.Value{}, wrongItem("NUMBER", item)
	}
	return *v, nil
}

// kindOf names an item's kind in messages.
func kindOf(item Item) string {
	name, _ := typeName(item)
	return strings.ToUpper(name)
}

// typeName is what type() says of an item.
func typeName(item Item) (string, bool) {
	switch x := item.(type) {
	case Null:
		return "null", true
	case *Text:
		if x.JSON[0] == '[' {
			return "array", true
		}
		return "object", true
	case *Object:
		return "object", true
	case BigNumber:
		return "number", true
	case *types.Value:
		switch {
		case x.Type.IsNumeric():
			return "number", true
		case x.Type.IsText():
			return "string", true
		}
		return map[types.Kind]string{types.Boolean: "boolean", types.Date: "date", types.Time: "time without time zone",
			types.TimeTZ: "time with time zone", types.Timestamp: "timestamp without time zone",
			types.TimestampTZ: "timestamp with time zone"}[x.Type.Kind], true
	}
	return "", false
}

// describe computes type() and size().
func (e *Evaluator) describe(method string, item Item) (Item, error) {
	if method == "type" {
		name, _ := typeName(item)
		return e.value(types.VarcharOf(maxTypeName), name), nil
	}
	list, ok := arrayOf(item)
	switch {
	case ok:
		return e.value(types.IntegerType, e.size(list)), nil
	case e.lax:
		return e.value(types.IntegerType, int64(1)), nil
	}
	return nil, wrongItem("ARRAY", item)
}

// maxTypeName is the length of the longest answer of type().
const maxTypeName = 27

// number computes double(), abs(), floor() and ceiling().
func (e *Evaluator) number(method string, item Item) (Item, error) {
	v, err := numberOf(item)
	text, isValue := item.(*types.Value)
	if err != nil && method == "double" && isValue && text.Type.IsText() {
		v, err = *text, nil
	}
	if err != nil {
		return nil, err
	}
	if method == "double" {
		v, err = e.sql.Cast(v, types.DoubleType)
	} else {
		v, err = e.sql.Call(method, v)
	}
	if err != nil {
		return nil, pathError("%v", err)
	}
	return e.value(v.Type, v.V), nil
}

func (e *Evaluator) signed(op sqljson.Op, item Item) (Item, error) {
	v, err := numberOf(item)
	if err != nil {
		return nil, err
	}
	if op == sqljson.Plus {
		return item, nil
	}
	if v, err = e.sql.Call(types.OpNegate, v); err != nil {
		return nil, pathError("%v", err)
	}
	return e.value(v.Type, v.V), nil
}

func (e *Evaluator) arithmetic(n *sqljson.Node, a around) ([]Item, error) {
	var operands []types.Value
	for _, arg := range n.Args {
		items, err := e.eval(arg, a)
		if err != nil {
			return nil, err
		}
		if items = e.unwrapped(items); len(items) != 1 {
			return nil, pathError("arithmetic binary expression requires singleton operands")
		}
		v, err := numberOf(items[0])
		if err != nil {
			return nil, err
		}
		operands = append(operands, v)
	}
	v, err := e.sql.Call(sqljson.Arithmetic[n.Op], operands...)
	if err != nil {
		return nil, pathError("%v", err)
	}
	return e.single(e.value(v.Type, v.V)), nil
}
