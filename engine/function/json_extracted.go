package function

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/jsonpath"
	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/types"
)

// json_extract and what takes its values can be one function of texts, which reads a value where it stands in the text. As with json_parse, see
// json_parsed.go, the calls are computed one after the other where that may give an error.

// NewExtractedCast returns CAST(json_extract(text, path) AS …), of an array, a map or a row, as one function of a text; nil if the calls are others.
func NewExtractedCast(cast, extract *types.Resolved, path string) (*types.Resolved, *Impl) {
	to := cast.Return
	if !isNested(to) || !readsJSON(to) || refuseKeys(to) != nil {
		return nil, nil
	}
	return extractedBy(extract, path, cast, nil, func(env *Env, args []batch.Vector, rows int, extracted *extractedText) (arrow.Array, error) {
		done, err := env.transiently(scratchBytes(args))
		if err != nil {
			return nil, err
		}
		defer done()
		column, j := newParsedColumn(meterOf(env), to), jsontext.Walker{}
		err = eachText(env, args, rows, column.appendNull, func(text string) error {
			value, err := extracted.of(text)
			if err == errNull {
				return column.appendNull()
			}
			j = jsontext.Walker{Text: value}
			if err == nil {
				err = column.appendJSON(&j)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		return column.array()
	})
}

// NewExtractedContains returns json_array_contains(json_extract(text, path), wanted) as one function of a text; nil if the calls are others.
func NewExtractedContains(contains, extract *types.Resolved, path string, wanted types.Value) (*types.Resolved, *Impl) {
	var has func(text string) (bool, error)
	switch v := wanted.V.(type) {
	case int64:
		has = func(text string) (bool, error) { return containsBigint(text, v) }
	case string:
		has = func(text string) (bool, error) { return containsText(text, v) }
	default:
		return nil, nil
	}
	constant, err := Constant(wanted)
	if err != nil {
		return nil, nil
	}
	dt := arrowtype.Of(contains.Return)
	return extractedBy(extract, path, contains, []batch.Vector{constant}, func(env *Env, args []batch.Vector, rows int, extracted *extractedText) (arrow.Array, error) {
		texts := textColumnOf(args[0])
		v, err := mapRows(env, dt, args, rows, func(i int) (bool, error) {
			value, err := extracted.of(texts.at(i))
			if err != nil {
				return false, err
			}
			return has(value)
		})
		return v.Array, err
	})
}

// extractedBy is the function that atOnce computes of texts, or where that fails json_extract, and then outer of what that gives and of rest.
func extractedBy(extract *types.Resolved, path string, outer *types.Resolved, rest []batch.Vector, atOnce func(env *Env, args []batch.Vector, rows int, extracted *extractedText) (arrow.Array, error)) (*types.Resolved, *Impl) {
	compiled, err := jsonpath.CompileMembers(path)
	if err != nil {
		return nil, nil
	}
	constant, err := Constant(types.Value{Type: types.VarcharType, V: path})
	if err != nil {
		return nil, nil
	}
	inTurn := []Kernel{beside(extract, []batch.Vector{constant}), beside(outer, rest)}
	return parsedBy(extract.Args[:1], outer.Return, "extracted_"+outer.Name, inTurn, func(env *Env, args []batch.Vector, rows int) (arrow.Array, error) {
		writer := canonicalWriter{order: asWritten}
		return atOnce(env, args, rows, &extractedText{path: compiled, writer: writer, longest: meterOf(env).MaxValueBytes()})
	})
}

// beside is the kernel of a call whose arguments but the first are constants.
func beside(fn *types.Resolved, constants []batch.Vector) Kernel {
	kernel := kernelOfCall(fn)
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		all := append(args[:1:1], constants...)
		return kernel(env, all, make([]Lambda, len(all)), rows)
	}
}

// extractedText gives what json_extract gives of one text after the other.
type extractedText struct {
	path    *jsonpath.MemberPath
	writer  canonicalWriter
	written []byte // a value that is no plain one
	longest int64  // value; 0 for no limit
}

// of returns the value in a text, which is valid until it is asked for another one. It fails with errNull where there is none, and with
// errNotPlain where it may be too long.
func (e *extractedText) of(text string) (value string, err error) {
	j := jsontext.Walker{Text: text}
	if !e.path.Find(&j) {
		return "", errNull
	}
	if value, ok := j.TakePlain(e.writer.order.plain()); ok {
		return value, nil
	}
	if e.written, err = e.writer.appendValue(e.written[:0], &j); err != nil {
		return "", nullIfMalformed(err)
	}
	if e.longest > 0 && madeOf(int64(len(e.written))) > e.longest {
		return "", errNotPlain
	}
	return viewText(e.written), nil
}
