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

// jsonSetup is the parsed settings of a call.
type jsonSetup struct {
	*sqljson.Settings
	path  *sqljson.Path
	parse func(path string) (*sqljson.Path, error) // for the columns of JSON_TABLE
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

// jsonCall is a call of a SQL/JSON function over columns. It computes one row at a time.
type jsonCall struct {
	*jsonSetup
	env    *Env
	args   []batch.Vector
	result *types.Type
	wanted *types.Type // the returned type, for appendCase

	hasInput bool // there is an argument before the settings
	isBytes  bool // the input is varbinary
	inputs   textColumn
	params   batch.Vector // rows, or an unknown NULL if there are none
	fields   []jsonField  // of params

	row       int
	isNull    bool // the input is NULL in the current row
	evaluator *jsonpath.Evaluator
	found     []jsonpath.Found // by row, what the path is known to find; nil: nothing is known
	writer    canonicalWriter
	members   constructedMembers // for appendObject
}

// jsonField is a field of the row of parameters.
type jsonField struct {
	*types.Type
	array arrow.Array
	valid []byte
	texts textColumn // for a field of texts
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

// seek makes row the current one, until done is called. A constructor returns errNull if the row of its values is
// NULL.
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
	case c.Table != nil: // the rows made from the text stay until all texts have been read
		return func() {}, meterOf(c.env).Grow(jsonTreeBytes(text))
	case len(text) >= longJSONBytes:
		return c.env.transiently(jsonTreeBytes(text))
	}
	return func() {}, nil
}

// longJSONBytes is the length of a text from which its temporary values are accounted.
const longJSONBytes = 4 << 10

// inputText returns the input as JSON text, false if it cannot be decoded.
func (c *jsonCall) inputText() (text string, ok bool) {
	text = c.inputs.at(c.row)
	if c.isBytes {
		return decodeBytes(viewBytes(text), c.Input)
	}
	return text, true
}

// param returns a field of the row of parameters.
func (c *jsonCall) param(field int) types.Value {
	f := c.fields[field]
	if isNull(c.params, c.row) {
		return types.Null(f.Type)
	}
	return ValueAt(f.Type, f.array, c.params.At(c.row))
}

// text returns a field of the row of parameters. The field must be a text and not NULL.
func (c *jsonCall) text(field int) string { return c.fields[field].texts.at(c.params.At(c.row)) }

// foundInRow returns what the path is known to find in the current row.
func (c *jsonCall) foundInRow() jsonpath.Found {
	if c.found == nil {
		return jsonpath.Found{}
	}
	return c.found[c.row]
}

// jsonCompute computes the rows of a call.
type jsonCompute func(c *jsonCall, rows int) (arrow.Array, error)

// jsonBind returns the kernel of a SQL/JSON function.
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

// jsonTexts adapts a function that appends the text of the current row, or returns errNull.
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

// jsonValues adapts a function that computes the value of the current row.
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
