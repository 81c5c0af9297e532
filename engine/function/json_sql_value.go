package function

import (
	"strings"
	"sync"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/sqljson"
	"github.com/auditlake/auditlake/planner/types"
)

// pathOperators are the functions that paths compute with, by name.
var pathOperators = sync.OnceValue(func() map[string][]Function {
	byName := map[string][]Function{}
	for _, family := range []func() []Function{arithmeticFunctions, comparisonFunctions, roundingFunctions} {
		for _, f := range family() {
			byName[f.Name] = append(byName[f.Name], f)
		}
	}
	return byName
})

// callValues resolves and calls a function of pathOperators.
func callValues(env *Env, name string, args ...types.Value) (types.Value, error) {
	candidates := pathOperators()[name]
	signatures := make([]*types.Signature, len(candidates))
	for i, f := range candidates {
		signatures[i] = f.Signature
	}
	offered := make([]types.Arg, len(args))
	for i, arg := range args {
		offered[i].Type = arg.Type
	}
	fn, err := types.Resolve(name, signatures, offered)
	if err != nil {
		return types.Value{}, err
	}
	for i := range args {
		if args[i], err = castValue(env, args[i], fn.Args[i]); err != nil {
			return types.Value{}, err
		}
	}
	for _, f := range candidates {
		if f.Signature == fn.Signature {
			return runKernel(env, f.Bind(fn), fn.Return, args...)
		}
	}
	return types.Value{}, errNull
}

// castValue casts one value.
func castValue(env *Env, v types.Value, to *types.Type) (types.Value, error) {
	if v.Type.Equal(to) {
		return v, nil
	}
	kernel, ok := castKernel(v.Type, to, false)
	if !ok {
		return types.Value{}, castError("Cannot cast %s to %s", v.Type, to)
	}
	return runKernel(env, kernel, to, v)
}

func runKernel(env *Env, kernel Kernel, result *types.Type, args ...types.Value) (types.Value, error) {
	vectors := make([]batch.Vector, len(args))
	for i, arg := range args {
		var err error
		if vectors[i], err = Constant(arg); err != nil {
			return types.Value{}, err
		}
	}
	out, err := kernel(env, vectors, make([]Lambda, len(args)), 1)
	if err != nil {
		return types.Value{}, err
	}
	return ValueAt(result, out.Array, 0), nil
}

func isNumeric(t *types.Type) bool {
	return t.IsInteger() || t.Kind == types.Real || t.Kind == types.Double || t.Kind == types.Decimal
}

func isText(t *types.Type) bool { return t.Kind == types.Varchar || t.Kind == types.Char }

// numberOf is an item that must be a number.
func numberOf(item jsonItem) (types.Value, error) {
	if big, ok := item.(jsonBig); ok {
		return types.Value{}, pathError("cannot convert %s to Trino value (value too big)", string(big))
	}
	v, ok := item.(types.Value)
	if !ok || !isNumeric(v.Type) {
		return types.Value{}, wrongItem("NUMBER", item)
	}
	return v, nil
}

// kindOf names an item's kind in messages.
func kindOf(item jsonItem) string {
	name, _ := typeName(item)
	return strings.ToUpper(name)
}

// typeName is what type() says of an item.
func typeName(item jsonItem) (string, bool) {
	switch x := item.(type) {
	case jsonNull:
		return "null", true
	case jsonArray:
		return "array", true
	case *jsonMap:
		return "object", true
	case jsonBig:
		return "number", true
	case types.Value:
		switch {
		case isNumeric(x.Type):
			return "number", true
		case isText(x.Type):
			return "string", true
		}
		return map[types.Kind]string{types.Boolean: "boolean", types.Date: "date", types.Time: "time without time zone",
			types.TimeTZ: "time with time zone", types.Timestamp: "timestamp without time zone",
			types.TimestampTZ: "timestamp with time zone"}[x.Type.Kind], true
	}
	return "", false
}

// describe computes type() and size().
func (r *pathRun) describe(method string, item jsonItem) (jsonItem, error) {
	if method == "type" {
		name, _ := typeName(item)
		return types.Value{Type: types.VarcharOf(maxTypeName), V: name}, nil
	}
	list, ok := item.(jsonArray)
	switch {
	case ok:
		return types.Value{Type: types.IntegerType, V: int64(len(list))}, nil
	case r.lax:
		return types.Value{Type: types.IntegerType, V: int64(1)}, nil
	}
	return nil, wrongItem("ARRAY", item)
}

// maxTypeName is the length of the longest answer of type().
const maxTypeName = 27

// number computes double(), abs(), floor() and ceiling().
func (r *pathRun) number(method string, item jsonItem) (jsonItem, error) {
	v, err := numberOf(item)
	text, isValue := item.(types.Value)
	if err != nil && method == "double" && isValue && isText(text.Type) {
		v, err = text, nil
	}
	if err != nil {
		return nil, err
	}
	if method == "double" {
		v, err = castValue(r.env, v, types.DoubleType)
	} else {
		v, err = callValues(r.env, method, v)
	}
	if err != nil {
		return nil, pathError("%v", err)
	}
	return v, nil
}

func (r *pathRun) signed(op sqljson.Op, item jsonItem) (jsonItem, error) {
	v, err := numberOf(item)
	if err != nil || op == sqljson.Plus {
		return v, err
	}
	if v, err = callValues(r.env, types.OpNegate, v); err != nil {
		return nil, pathError("%v", err)
	}
	return v, nil
}

func (r *pathRun) arithmetic(n *sqljson.Node, a around) ([]jsonItem, error) {
	var operands []types.Value
	for _, arg := range n.Args {
		items, err := r.eval(arg, a)
		if err != nil {
			return nil, err
		}
		if items = r.unwrapped(items); len(items) != 1 {
			return nil, pathError("arithmetic binary expression requires singleton operands")
		}
		v, err := numberOf(items[0])
		if err != nil {
			return nil, err
		}
		operands = append(operands, v)
	}
	v, err := callValues(r.env, sqljson.Arithmetic[n.Op], operands...)
	if err != nil {
		return nil, pathError("%v", err)
	}
	return []jsonItem{v}, nil
}
