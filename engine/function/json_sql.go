package function

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/jsonpath"
	"github.com/auditlake/auditlake/planner/sqljson"
	"github.com/auditlake/auditlake/planner/types"
)

// jsonSQLFunctions are what the SQL/JSON forms stand for; package sqljson says
// what their arguments are.
func jsonSQLFunctions() []Function {
	list := []Function{
		scalar("$json_exists(A, varchar, B) -> boolean", "whether a path finds an item", jsonKernel(func(c *jsonCall) (types.Value, error) { return c.exists() })),
		scalar("$json_value(A, varchar, B, C) -> C", "the scalar a path finds", jsonKernel(func(c *jsonCall) (types.Value, error) { return c.value() })),
		scalar("$json_value_case(A, varchar, B, C) -> varchar", "how a path ends", jsonKernel(func(c *jsonCall) (types.Value, error) { return c.valueCase() })),
		scalar("$json_query(A, varchar, B) -> varchar", "the JSON a path finds", jsonKernel(func(c *jsonCall) (types.Value, error) { return c.query() })),
		scalar("$json_object(varchar, B) -> varchar", "a JSON object of keys and values", jsonKernel(func(c *jsonCall) (types.Value, error) { return c.object() })),
		scalar("$json_array(varchar, B) -> varchar", "a JSON array", jsonKernel(func(c *jsonCall) (types.Value, error) { return c.array() })),
		scalar("$json_encode(varchar, varchar) -> varbinary", "text in an encoding",
			binaryPure(func(text, format string) []byte { return encodeText(text, sqljson.Format(format)) })),
		scalar("$json_table(A, varchar, B, C) -> array(C)", "rows of a JSON value", jsonKernel(func(c *jsonCall) (types.Value, error) { return c.table() })),
	}
	for i := range list {
		if list[i].Name != sqljson.EncodeFunction {
			list[i].NullCalled = true
		}
	}
	return list
}

// jsonSetup is what the settings of a call mean.
type jsonSetup struct {
	*sqljson.Settings
	path *sqljson.Path
}

func readSetup(text string) (*jsonSetup, error) {
	settings, err := sqljson.ReadSettings(text)
	if err != nil {
		return nil, err
	}
	s := &jsonSetup{Settings: settings}
	if settings.Path != "" {
		s.path, err = sqljson.Parse(settings.Path)
	}
	return s, err
}

// jsonCall is one row of a call.
type jsonCall struct {
	*jsonSetup
	env    *Env
	input  types.Value
	values []types.Value // the fields of the row of parameters
	result *types.Type
	wanted *types.Type // the type to return, of valueCase
}

// jsonKernel runs f row by row.
func jsonKernel(f func(*jsonCall) (types.Value, error)) Bind {
	return func(fn *types.Resolved) Kernel {
		setup := memo(readSetup)
		inputs := len(fn.Args) > 2
		settings := 0
		if inputs {
			settings = 1
		}
		dt := arrowtype.Of(fn.Return)
		return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
			rows, constant := rowsToCompute(args, rows)
			s, err := setup(columnOf[string](args[settings]).at(0))
			if err != nil {
				return batch.Vector{}, err
			}
			out := make([]types.Value, rows)
			for i := range out {
				if err := meterOf(env).Stopped(); err != nil {
					return batch.Vector{}, err
				}
				if err := meterOf(env).Grow(callBytes(args, i)); err != nil {
					return batch.Vector{}, err
				}
				c := &jsonCall{jsonSetup: s, env: env, result: fn.Return, wanted: fn.Args[len(fn.Args)-1]}
				if inputs {
					c.input = ValueAt(fn.Args[0], args[0].Array, args[0].At(i))
				}
				row := args[settings+1]
				if !inputs && fn.Args[settings+1].Kind == types.Row && isNull(row, i) {
					out[i] = types.Null(fn.Return)
					continue
				}
				c.values = fieldsAt(fn.Args[settings+1], row.Array, row.At(i))
				if out[i], err = f(c); err != nil {
					return batch.Vector{}, err
				}
			}
			return jsonColumnOf(fn.Return, dt, out, constant)
		}
	}
}

// callBytes guesses the memory of a row's arguments read into values.
func callBytes(args []batch.Vector, i int) int64 {
	bytes := int64(0)
	for _, a := range args {
		if texts, ok := a.Array.(*array.String); ok && !isNull(a, i) {
			bytes += jsonTreeBytes(texts.Value(a.At(i)))
		}
	}
	return bytes
}

// fieldsAt are the fields of a row; of NULL they are NULL.
func fieldsAt(t *types.Type, a arrow.Array, i int) []types.Value {
	if fields, ok := ValueAt(t, a, i).V.([]types.Value); ok {
		return fields
	}
	fields := make([]types.Value, len(t.Fields))
	for f, field := range t.Fields {
		fields[f] = types.Null(field.Type)
	}
	return fields
}

func jsonColumnOf(t *types.Type, dt arrow.DataType, out []types.Value, constant bool) (batch.Vector, error) {
	if t.Kind == types.Unknown {
		return batch.Vector{Array: batch.Nulls(dt, len(out)), Const: constant}, nil
	}
	a, err := ArrayOf(t, out)
	return batch.Vector{Array: a, Const: constant}, err
}

// items evaluates the path. The error is one that ON ERROR is about.
func (c *jsonCall) items() ([]jsonpath.Item, error) {
	input, err := formattedItem(c.input, c.Input)
	if err != nil {
		return nil, inputError()
	}
	params := map[string][]jsonpath.Item{}
	for i, p := range c.Params {
		v := c.values[i]
		switch {
		case v.IsNull() && p.Format != sqljson.NoFormat:
			params[p.Name] = nil
		case v.IsNull():
			params[p.Name] = []jsonpath.Item{jsonpath.Null{}}
		case p.Format != sqljson.NoFormat:
			item, err := formattedItem(v, p.Format)
			if err != nil {
				return nil, inputError()
			}
			params[p.Name] = []jsonpath.Item{item}
		default:
			params[p.Name] = []jsonpath.Item{v}
		}
	}
	return jsonpath.Evaluate(c.path, input, params, pathValues{c.env})
}

func inputError() error {
	return types.Errorf(types.JSONInputConversion, types.Pos{}, "conversion to JSON failed: ")
}

func (c *jsonCall) exists() (types.Value, error) {
	if c.input.IsNull() {
		return types.Null(c.result), nil
	}
	items, err := c.items()
	answer := len(items) > 0
	if err != nil {
		switch c.OnError {
		case "ERROR":
			return types.Value{}, err
		case "UNKNOWN":
			return types.Null(c.result), nil
		}
		answer = c.OnError == "TRUE"
	}
	return types.Value{Type: c.result, V: answer}, nil
}

// value answers NULL for a DEFAULT: the caller sees to that by valueCase.
func (c *jsonCall) value() (types.Value, error) {
	v, which, err := c.scalar(c.result)
	behavior := c.OnEmpty
	if which == sqljson.ErrorCase {
		behavior = c.OnError
	}
	if which != sqljson.ValueCase && behavior == "ERROR" {
		return types.Value{}, err
	}
	return v, nil
}

func (c *jsonCall) valueCase() (types.Value, error) {
	_, which, _ := c.scalar(c.wanted)
	return jsonpath.TextItem(which), nil
}

// scalar is the value that a path finds, as the type to, and which case it is.
func (c *jsonCall) scalar(to *types.Type) (types.Value, string, error) {
	null := types.Null(to)
	if c.input.IsNull() {
		return null, sqljson.ValueCase, nil
	}
	items, err := c.items()
	switch {
	case err != nil:
		return null, sqljson.ErrorCase, err
	case len(items) == 0:
		return null, sqljson.EmptyCase, valueError("JSON path found no items")
	case len(items) > 1:
		return null, sqljson.ErrorCase, valueError("JSON path found multiple items")
	}
	return scalarOf(c.env, items[0], to)
}

// scalarOf turns one item into a value of type to.
func scalarOf(env *Env, item jsonpath.Item, to *types.Type) (types.Value, string, error) {
	if _, ok := item.(jsonpath.Null); ok {
		return types.Null(to), sqljson.ValueCase, nil
	}
	v, ok := item.(types.Value)
	if !ok {
		return types.Null(to), sqljson.ErrorCase, valueError("JSON path found an item that cannot be converted to an SQL value")
	}
	if text, ok := jsonpath.TextOf(item); ok {
		v.V = text
	}
	cast, err := castValue(env, v, to)
	if err != nil {
		return types.Null(to), sqljson.ErrorCase, valueError("Cannot cast value of type " + v.Type.String() + " to declared return type of function JSON_VALUE: " + to.String())
	}
	return cast, sqljson.ValueCase, nil
}

func valueError(message string) error {
	return types.Errorf(types.JSONValueResult, types.Pos{}, "cannot extract SQL scalar from JSON: %s", message)
}

func (c *jsonCall) query() (types.Value, error) {
	if c.input.IsNull() {
		return types.Null(c.result), nil
	}
	items, err := c.items()
	if err != nil {
		return onCase(c.OnError, err)
	}
	return c.queried(items, c.Wrapper, c.Omit, c.OnEmpty, c.OnError)
}

// queried wraps items and writes them.
func (c *jsonCall) queried(items []jsonpath.Item, wrapper string, omit bool, onEmpty, onError string) (types.Value, error) {
	if len(items) == 0 {
		return onCase(onEmpty, outputError("JSON path found no items"))
	}
	if wrapper == "WITH UNCONDITIONAL" || wrapper == "WITH CONDITIONAL" && (len(items) > 1 || !isContainer(items[0])) {
		items = []jsonpath.Item{jsonpath.Array(items)}
	}
	if len(items) > 1 {
		return onCase(onError, outputError("JSON path found multiple items"))
	}
	if text, ok := jsonpath.TextOf(items[0]); ok && omit {
		return jsonpath.TextItem(text), nil
	}
	out, ok := jsonpath.AppendItem(nil, items[0])
	if !ok {
		return onCase(onError, outputError("JSON path returned a scalar SQL value that cannot be represented as JSON"))
	}
	return jsonpath.TextItem(string(out)), nil
}

func isContainer(item jsonpath.Item) bool {
	switch item.(type) {
	case jsonpath.Array, *jsonpath.Object:
		return true
	}
	return false
}

func outputError(message string) error {
	return types.Errorf(types.JSONOutputConversion, types.Pos{}, "conversion from JSON failed: %s", message)
}

// onCase is the answer of a behavior.
func onCase(behavior string, err error) (types.Value, error) {
	switch behavior {
	case "ERROR":
		return types.Value{}, err
	case "EMPTY ARRAY":
		return jsonpath.TextItem("[]"), nil
	case "EMPTY OBJECT":
		return jsonpath.TextItem("{}"), nil
	}
	return types.Null(types.VarcharType), nil
}
