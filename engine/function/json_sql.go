package function

import (
	"github.com/auditlake/auditlake/engine/function/internal/jsonpath"
	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/sqljson"
	"github.com/auditlake/auditlake/planner/types"
)

// jsonSQLFunctions are the functions to which the SQL/JSON forms are translated; package sqljson describes their
// arguments.
func jsonSQLFunctions() []Function {
	list := []Function{
		scalar("$json_exists(A, varchar, B) -> boolean", "whether a path finds an item", jsonBind),
		scalar("$json_value(A, varchar, B, C) -> C", "the scalar a path finds", jsonBind),
		scalar("$json_value_case(A, varchar, B, C) -> varchar", "how a path ends", jsonBind),
		scalar("$json_query(A, varchar, B) -> varchar", "the JSON a path finds", jsonBind),
		scalar("$json_object(varchar, B) -> varchar", "a JSON object of keys and values", jsonBind),
		scalar("$json_array(varchar, B) -> varchar", "a JSON array", jsonBind),
		scalar("$json_encode(varchar, varchar) -> varbinary", "text in an encoding",
			binaryPure(func(text, format string) []byte { return encodeText(text, sqljson.Format(format)) })),
		scalar("$json_table(A, varchar, B, C) -> array(C)", "rows of a JSON value", jsonBind),
	}
	for i := range list {
		if list[i].Name != sqljson.EncodeFunction {
			list[i].NullCalled = true
		}
	}
	return list
}

// jsonComputeOf returns the function that computes the rows of a call.
func jsonComputeOf(fn *types.Resolved) jsonCompute {
	switch fn.Name {
	case sqljson.ExistsFunction:
		return jsonValues((*jsonCall).exists)
	case sqljson.CaseFunction:
		return jsonTexts((*jsonCall).appendCase)
	case sqljson.QueryFunction:
		return jsonTexts((*jsonCall).appendQuery)
	case sqljson.ObjectFunction:
		return jsonTexts((*jsonCall).appendObject)
	case sqljson.ArrayFunction:
		return jsonTexts((*jsonCall).appendArray)
	case sqljson.TableFunction:
		return jsonValues((*jsonCall).table)
	}
	if fn.Return.IsText() {
		return jsonTexts((*jsonCall).appendValue)
	}
	return jsonValues((*jsonCall).value)
}

// items evaluates the path. Its error is one that ON ERROR handles.
func (c *jsonCall) items() ([]jsonpath.Item, error) {
	items, err := c.evaluated()
	if err == jsontext.ErrMalformed {
		return nil, inputError()
	}
	return items, err
}

// evaluated is items, but returns jsontext.ErrMalformed for a malformed text.
func (c *jsonCall) evaluated() ([]jsonpath.Item, error) {
	if found := c.foundInRow(); found.IsKnown {
		return c.evaluator.ItemsOf(found)
	}
	input, ok := c.inputText()
	if !ok {
		return nil, inputError()
	}
	params, err := c.pathParams()
	if err != nil {
		return nil, err
	}
	return c.evaluator.EvaluateText(input, params)
}

// pathParams returns the parameters that the path names.
func (c *jsonCall) pathParams() (map[string][]jsonpath.Item, error) {
	if len(c.Params) == 0 {
		return nil, nil
	}
	params := map[string][]jsonpath.Item{}
	for i, p := range c.Params {
		v := c.param(i)
		switch {
		case v.IsNull() && p.Format != sqljson.NoFormat:
			params[p.Name] = nil
		case v.IsNull():
			params[p.Name] = []jsonpath.Item{jsonpath.Null{}}
		case p.Format != sqljson.NoFormat:
			item, err := formattedItem(v, p.Format, jsonpath.ReadWhole) // a filter may read it for each of its items
			if err != nil {
				return nil, inputError()
			}
			params[p.Name] = []jsonpath.Item{item}
		default:
			params[p.Name] = []jsonpath.Item{&v}
		}
	}
	return params, nil
}

func inputError() error {
	return types.Errorf(types.JSONInputConversion, types.Pos{}, "conversion to JSON failed: ")
}

func (c *jsonCall) exists() (types.Value, error) {
	if c.isNull {
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

// value returns NULL for a DEFAULT; the caller computes that with valueCase.
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

func (c *jsonCall) appendValue(dst []byte) ([]byte, error) {
	if c.foundInRow().IsNone() {
		return dst, errNull
	}
	if text, ok := c.plainValue(); ok {
		return append(dst, text...), nil
	}
	v, err := c.value()
	if err == nil && v.IsNull() {
		err = errNull
	}
	if err != nil {
		return dst, err
	}
	return append(dst, v.V.(string)...), nil
}

// plainValue is value if the path names members of plain objects and the returned type is varchar. It does not
// build items. It returns false if it does not apply.
func (c *jsonCall) plainValue() (text string, ok bool) {
	if c.isNull || c.isBytes || len(c.Params) > 0 || !c.result.Equal(types.VarcharType) {
		return "", false
	}
	if found := c.foundInRow(); found.IsKnown {
		return found.Text()
	}
	found, ok := c.evaluator.FindPlain(c.inputs.at(c.row))
	if !ok {
		return "", false
	}
	return jsonpath.PlainText(found)
}

func (c *jsonCall) appendCase(dst []byte) ([]byte, error) {
	if c.foundInRow().IsNone() {
		return append(dst, sqljson.EmptyCase...), nil
	}
	_, which, _ := c.scalar(c.wanted)
	return append(dst, which...), nil
}

// scalar returns the value that a path finds, as type to, and which case applies.
func (c *jsonCall) scalar(to *types.Type) (types.Value, string, error) {
	null := types.Null(to)
	if c.isNull {
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

// scalarOf converts one item to a value of type to.
func scalarOf(env *Env, item jsonpath.Item, to *types.Type) (types.Value, string, error) {
	if _, ok := item.(jsonpath.Null); ok {
		return types.Null(to), sqljson.ValueCase, nil
	}
	found, ok := item.(*types.Value)
	if !ok {
		return types.Null(to), sqljson.ErrorCase, valueError("JSON path found an item that cannot be converted to an SQL value")
	}
	v := *found
	if text, ok := jsonpath.TextOf(item); ok && text != v.V {
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

func (c *jsonCall) appendQuery(dst []byte) ([]byte, error) {
	if c.isNull {
		return dst, errNull
	}
	items, err := c.items()
	if err != nil {
		return onCase(dst, c.OnError, err)
	}
	return c.appendItems(dst, items, c.Wrapper, c.Omit, c.OnEmpty, c.OnError)
}

// appendItems wraps items and writes them.
func (c *jsonCall) appendItems(dst []byte, items []jsonpath.Item, wrapper string, omit bool, onEmpty, onError string) ([]byte, error) {
	if len(items) == 0 {
		return onCase(dst, onEmpty, outputError("JSON path found no items"))
	}
	isWrapped := wrapper == "WITH UNCONDITIONAL" || wrapper == "WITH CONDITIONAL" && (len(items) > 1 || !isContainer(items[0]))
	if len(items) > 1 && !isWrapped {
		return onCase(dst, onError, outputError("JSON path found multiple items"))
	}
	var out []byte
	ok := true
	if isWrapped {
		out, ok = c.appendList(dst, items)
	} else if text, isText := jsonpath.TextOf(items[0]); isText && omit {
		return append(dst, text...), nil
	} else {
		out, ok = c.appendItem(dst, items[0])
	}
	if !ok {
		return onCase(dst, onError, outputError("JSON path returned a scalar SQL value that cannot be represented as JSON"))
	}
	return out, nil
}

func isContainer(item jsonpath.Item) bool {
	switch item.(type) {
	case *jsonpath.Text, *jsonpath.Object:
		return true
	}
	return false
}

func outputError(message string) error {
	return types.Errorf(types.JSONOutputConversion, types.Pos{}, "conversion from JSON failed: %s", message)
}

// onCase appends the result of a behavior.
func onCase(dst []byte, behavior string, err error) ([]byte, error) {
	switch behavior {
	case "ERROR":
		return dst, err
	case "EMPTY ARRAY":
		return append(dst, "[]"...), nil
	case "EMPTY OBJECT":
		return append(dst, "{}"...), nil
	}
	return dst, errNull
}
