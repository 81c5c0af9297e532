package function

import (
	"errors"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/types"
)

// json_parse and what takes its values can be one function of texts, which reads each text once. It is for texts that are plain objects and
// give no error; where a column has another, the calls are computed one after the other, so that they make their errors in their order. So
// they are where a text may be so long that a value which one of the calls makes on the way is longer than values may be.

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
	inTurn := []Kernel{kernelOfCall(parse), kernelOfCall(cast), beside(element, []batch.Vector{constant})}
	dt := arrowtype.Of(element.Return)
	return parsedBy(parse.Args, element.Return, "parsed_member", inTurn, func(env *Env, args []batch.Vector, rows int) (arrow.Array, error) {
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
	return parsedBy(parse.Args, to, "parsed_row", inTurn, func(env *Env, args []batch.Vector, rows int) (arrow.Array, error) {
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
	return (parse.Name == types.FnJSONTextForCast || parse.Name == "json_parse") && parse.Args[0].Kind == types.Varchar
}

// beside is the kernel of a call whose arguments but the first are constants.
func beside(fn *types.Resolved, constants []batch.Vector) Kernel {
	kernel := kernelOfCall(fn)
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		all := append(args[:1:1], constants...)
		return kernel(env, all, make([]Lambda, len(all)), rows)
	}
}

func kernelOfCall(fn *types.Resolved) Kernel { return fn.Impl.(*Impl).Kernel }

// parsedBy is the function that atOnce computes of texts, or where that fails the kernels inTurn, each of what the one before gives. Where
// these have given what atOnce has not, the columns that follow are left to them: most likely they have such texts, too. It says nothing of
// the columns that follow when all fail, since a dictionary may have a text that no row has, and TRY looks for the rows that fail.
func parsedBy(of []*types.Type, result *types.Type, name string, inTurn []Kernel, atOnce func(env *Env, args []batch.Vector, rows int) (arrow.Array, error)) (*types.Resolved, *Impl) {
	fn := &types.Resolved{Signature: &types.Signature{Name: name}, Args: of, Return: result}
	var isInTurn atomic.Bool // from now on
	return fn, &Impl{Kernel: func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		if !isInTurn.Load() {
			held := env.Held()
			computed, constant := rowsToCompute(args, rows)
			if a, err := plainAtOnce(env, args, computed, atOnce); err == nil {
				return batch.Vector{Array: a, Const: constant}, nil
			}
			if err := env.Settle(held); err != nil {
				return batch.Vector{}, err
			}
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
		isInTurn.Store(true)
		return v, nil
	}}
}

// plainAtOnce is what atOnce gives, or errNotPlain where a text may be too long for it.
func plainAtOnce(env *Env, args []batch.Vector, rows int, atOnce func(env *Env, args []batch.Vector, rows int) (arrow.Array, error)) (arrow.Array, error) {
	if longest := meterOf(env).MaxValueBytes(); longest > 0 && mayPass(longest, args, rows) {
		return nil, errNotPlain
	}
	return atOnce(env, args, rows)
}

// mayPass reports whether json_parse, or the cast of what it gives to a map, may make a value of more than longest bytes of a text that is
// plain, or json_extract of a plain part of one.
func mayPass(longest int64, args []batch.Vector, rows int) bool {
	texts := textColumnOf(args[0])
	if madeOf(texts.bytes()) <= longest {
		return false
	}
	valid := validOf(args, rows)
	for i := range rows {
		if arrowdata.IsValid(valid, i) && madeOf(int64(len(texts.at(i)))) > longest {
			return true
		}
	}
	return false
}

// madeOf is no less than batch.ValueBytes of the json that a plain text of so many bytes is, and of its map. Each has an offset of its own. A
// member with its quotes, colon and comma takes at least five bytes of the text. The map has two offsets in place of these four characters.
func madeOf(textBytes int64) int64 {
	const offset, shortestMember = 4, 5
	return offset + textBytes + textBytes/shortestMember*(2*offset-4)
}
