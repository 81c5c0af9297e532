package function

import (
	"errors"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/types"
)

// json_parse and what takes its values can be one function of texts, which reads each text once. It is for texts that are plain objects and
// give no error; where a column has another, the calls are computed one after the other, so that they make their errors in their order.

// errNotPlain is the error of a text that only the calls one after the other know what to make of.
var errNotPlain = errors.New("not a plain object")

// NewParsedMember returns element_at(CAST(json_parse(text) AS map(varchar, json)), key), or the like with a subscript, as one function of a
// text, which reads no other member; nil if the calls are others.
func NewParsedMember(element, cast, parse *types.Resolved, key string) (*types.Resolved, *Impl) {
	isStrict := element.Name == types.OpSubscript
	if !isStrict && element.Name != "element_at" || !isParseOfText(parse) || !cast.Return.Equal(types.MapOf(types.VarcharType, types.JSONType)) {
		return nil, nil
	}
	constant, err := Constant(types.Value{Type: types.VarcharType, V: key})
	if err != nil {
		return nil, nil
	}
	inTurn := []Kernel{kernelOfCall(parse), kernelOfCall(cast), func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		return kernelOfCall(element)(env, []batch.Vector{args[0], constant}, make([]Lambda, 2), rows)
	}}
	dt := arrowtype.Of(element.Return)
	return parsedBy(parse, element.Return, "parsed_member", inTurn, func(env *Env, args []batch.Vector, rows int) (arrow.Array, error) {
		texts := textColumnOf(args[0])
		return appendedTexts(env, dt, args, validOf(args, rows), rows, int64(rows)*extractedBytes, func(dst []byte, i int) ([]byte, error) {
			text := texts.at(i)
			value, end := jsontext.PlainMember(text, key, jsontext.Ascending)
			switch {
			case end != len(text) || value == "" && isStrict:
				return dst, errNotPlain
			case value == "":
				return dst, errNull
			}
			return batch.AppendText(dst, value), nil
		})
	})
}

// NewParsedRow returns CAST(json_parse(text) AS row(…)) as one function of a text; nil if the calls are others.
func NewParsedRow(cast, parse *types.Resolved) (*types.Resolved, *Impl) {
	to := cast.Return
	if to.Kind != types.Row || to.Fields[0].Name == "" || !readsJSON(to) || refuseKeys(to) != nil || !isParseOfText(parse) {
		return nil, nil
	}
	inTurn := []Kernel{kernelOfCall(parse), kernelOfCall(cast)}
	return parsedBy(parse, to, "parsed_row", inTurn, func(env *Env, args []batch.Vector, rows int) (arrow.Array, error) {
		done, err := env.transiently(scratchBytes(args))
		if err != nil {
			return nil, err
		}
		defer done()
		column := newParsedRows(meterOf(env), to)
		if err := eachText(env, args, rows, column.appendNull, column.appendPlain); err != nil {
			return nil, err
		}
		return column.array()
	})
}

func isParseOfText(parse *types.Resolved) bool {
	return parse.Name == types.FnJSONParseForCast && parse.Args[0].Kind == types.Varchar
}

func kernelOfCall(fn *types.Resolved) Kernel { return fn.Impl.(*Impl).Kernel }

// parsedBy is the function that atOnce computes of texts, or where that fails the kernels inTurn, each of what the one before gives.
func parsedBy(parse *types.Resolved, result *types.Type, name string, inTurn []Kernel, atOnce func(env *Env, args []batch.Vector, rows int) (arrow.Array, error)) (*types.Resolved, *Impl) {
	fn := &types.Resolved{Signature: &types.Signature{Name: name}, Args: parse.Args, Return: result}
	return fn, &Impl{Kernel: func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		held := env.Held()
		computed, constant := rowsToCompute(args, rows)
		if a, err := atOnce(env, args, computed); err == nil {
			return batch.Vector{Array: a, Const: constant}, nil
		}
		if err := env.Settle(held); err != nil {
			return batch.Vector{}, err
		}
		v := args[0]
		for _, kernel := range inTurn {
			held := env.Held()
			var err error
			if v, err = kernel(env, []batch.Vector{v}, make([]Lambda, 1), rows); err != nil {
				return v, err
			}
			if err := env.SettleResult(held, v); err != nil {
				return v, err
			}
		}
		return v, nil
	}}
}
