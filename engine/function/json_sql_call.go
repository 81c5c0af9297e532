package function

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/jsonpath"
	"github.com/auditlake/auditlake/planner/sqljson"
	"github.com/auditlake/auditlake/planner/types"
)

// jsonSetup is what the settings of a call mean.
type jsonSetup struct {
	*sqljson.Settings
	path  *sqljson.Path
	parse func(path string) (*sqljson.Path, error) // of the columns of JSON_TABLE
}

func readSetup(text string) (*jsonSetup, error) {
	settings, err := sqljson.ReadSettings(text)
	if err != nil {
		return nil, err
	}
	s := &jsonSetup{Settings: settings, parse: memo(sqljson.Parse)}
	if settings.Path != "" {
		s.path, err = sqljson.Parse(settings.Path)
	}
	return s, err
}

// jsonCall is a call of a SQL/JSON function over columns, with one row at hand.
type jsonCall struct {
	*jsonSetup
	env    *Env
	args   []batch.Vector
	result *types.Type
	wanted *types.Type // the type to return, of appendCase

	hasInput bool // an argument before the settings
	isBytes  bool // the input
	inputs   textColumn
	params   batch.Vector // rows, or an unknown NULL for none
	fields   []jsonField  // of params

	row       int
	isNull    bool // the input in the row
	evaluator *jsonpath.Evaluator
	found     []jsonpath.Found // by row, what the path finds as far as that is known; nil: of no row
	writer    canonicalWriter
	members   constructedMembers // of appendObject
}

// jsonField is a field of the row of parameters.
type jsonField struct {
	*types.Type
	array arrow.Array
	valid []byte
	texts textColumn // of a field of texts
}

// openJSONCall opens the columns of a call.
func openJSONCall(env *Env, setup func(string) (*jsonSetup, error), fn *types.Resolved, args []batch.Vector) (*jsonCall, error) {
	c := &jsonCall{env: env, args: args, result: fn.Return, wanted: fn.Args[len(fn.Args)-1], hasInput: len(fn.Args) > 2, writer: canonicalWriter{order: mergedByKey}}
	settings := 0
	if c.hasInput {
		settings = 1
		c.isBytes = fn.Args[0].Kind == types.Varbinary
		if fn.Args[0].Kind != types.Unknown {
			c.inputs = textColumnOf(args[0])
		}
	}
	var err error
	if c.jsonSetup, err = setup(columnOf[string](args[settings]).at(0)); err != nil {
		return nil, err
	}
	if c.path != nil {
		c.evaluator = jsonpath.NewEvaluator(c.path, pathValues{env})
	}
	c.params = args[settings+1]
	if t := fn.Args[settings+1]; t.Kind == types.Row {
		for i, a := range batch.Fields(c.params.Array) {
			f := jsonField{Type: t.Fields[i].Type, array: a, valid: arrowdata.Validity(a)}
			if f.IsText() {
				f.texts = textColumnOf(batch.Vector{Array: a})
			}
			c.fields = append(c.fields, f)
		}
	}
	return c, nil
}

// seek makes a row the one at hand, until done is called. Of a constructor it gives errNull where the row of its
// values is NULL.
func (c *jsonCall) seek(row int) (done func(), err error) {
	c.row = row
	if !c.hasInput && len(c.fields) > 0 && isNull(c.params, row) {
		return nil, errNull
	}
	if !c.hasInput {
		return func() {}, nil
	}
	if c.isNull = isNull(c.args[0], row); c.isNull {
		return func() {}, nil
	}
	switch text := c.inputs.at(row); {
	case c.Table != nil: // the rows that are made of the text are kept until all texts have been read
		return func() {}, meterOf(c.env).Grow(jsonTreeBytes(text))
	case len(text) >= longJSONBytes:
		return c.env.transiently(jsonTreeBytes(text))
	}
	return func() {}, nil
}

// longJSONBytes is from which length on the values that are read of a text, and not kept, are counted.
const longJSONBytes = 4 << 10

// inputText is the input as JSON text; it is not ok where it cannot be decoded.
func (c *jsonCall) inputText() (text string, ok bool) {
	text = c.inputs.at(c.row)
	if c.isBytes {
		return decodeBytes(viewBytes(text), c.Input)
	}
	return text, true
}

// param is a field of the row of parameters.
func (c *jsonCall) param(field int) types.Value {
	f := c.fields[field]
	if isNull(c.params, c.row) {
		return types.Null(f.Type)
	}
	return ValueAt(f.Type, f.array, c.params.At(c.row))
}

// text is a field of the row of parameters that is a text and not NULL.
func (c *jsonCall) text(field int) string { return c.fields[field].texts.at(c.params.At(c.row)) }

// foundInRow is what the path is known to find in the row at hand.
func (c *jsonCall) foundInRow() jsonpath.Found {
	if c.found == nil {
		return jsonpath.Found{}
	}
	return c.found[c.row]
}

// jsonCompute computes the rows of a call.
type jsonCompute func(c *jsonCall, rows int) (arrow.Array, error)

// jsonBind binds what computes the rows of a call.
func jsonBind(fn *types.Resolved) Kernel {
	setup, compute := memo(readSetup), jsonComputeOf(fn)
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		rows, constant := rowsToCompute(args, rows)
		c, err := openJSONCall(env, setup, fn, args)
		if err != nil {
			return batch.Vector{}, err
		}
		a, err := compute(c, rows)
		return batch.Vector{Array: a, Const: constant}, err
	}
}

// jsonTexts adapts what appends the text of the row at hand, or gives errNull.
func jsonTexts(appendTo func(c *jsonCall, dst []byte) ([]byte, error)) jsonCompute {
	return func(c *jsonCall, rows int) (arrow.Array, error) {
		bytes := int64(rows) * extractedBytes
		if !c.hasInput {
			bytes = c.constructedBytes(rows)
		}
		return appendedTexts(c.env, arrowtype.Of(c.result), c.args, nil, rows, bytes, func(dst []byte, row int) ([]byte, error) {
			done, err := c.seek(row)
			if err != nil {
				return dst, err
			}
			defer done()
			return appendTo(c, dst)
		})
	}
}

// jsonValues adapts what computes the value of the row at hand.
func jsonValues(f func(*jsonCall) (types.Value, error)) jsonCompute {
	return func(c *jsonCall, rows int) (arrow.Array, error) {
		meter, every := meterOf(c.env), rowsBetweenLooks(c.args)
		if err := meter.Grow(int64(rows) * sizeOf[types.Value]()); err != nil {
			return nil, err
		}
		out := make([]types.Value, rows)
		for row := range out {
			if row%every == 0 {
				if err := meter.Stopped(); err != nil {
					return nil, err
				}
			}
			done, err := c.seek(row)
			if err != nil {
				return nil, err
			}
			out[row], err = f(c)
			done()
			if err != nil {
				return nil, err
			}
		}
		if c.result.Kind == types.Unknown {
			return batch.Nulls(arrowtype.Of(c.result), rows), nil
		}
		return ArrayOf(c.result, out)
	}
}
