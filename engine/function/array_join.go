package function

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

func arrayJoinFunctions() []Function {
	return []Function{
		readingCodes(scalar("array_join(array(E), varchar) -> varchar", "Returns the elements as one text with a separator; NULLs are left out.", joinArray, types.ReturnOf(joinable))),
		readingCodes(scalar("array_join(array(E), varchar, varchar) -> varchar", "Returns the elements as one text with a separator and a text for NULL.", joinArray, types.ReturnOf(joinable))),
	}
}

// joinable refuses arrays whose elements cannot be cast to text.
func joinable(args []*types.Type) (*types.Type, error) {
	elem := args[0].Elem
	if _, ok := castKernel(elem, types.VarcharType, false); !ok && elem.Kind != types.Unknown {
		return nil, types.Errorf(types.OperatorNotFound, types.Pos{}, "Cannot cast %s to varchar", elem)
	}
	return types.VarcharType, nil
}

func joinArray(fn *types.Resolved) Kernel {
	elem := fn.Args[0].Elem
	toText, _ := castKernel(elem, types.VarcharType, false)
	dt := arrowOf(fn)
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		l := listOf(args[0])
		texts, err := elementTexts(env, elem, l.elems, toText)
		if err != nil {
			return batch.Vector{}, err
		}
		l.elems = texts
		rows, constant := rowsToCompute(args, rows)
		a, err := appendedTexts(env, dt, args, validOf(args, rows), rows, l.joinedBytes(args[1], rows), joinedElements(env, l, args[1:]))
		return batch.Vector{Array: a, Const: constant}, err
	}
}

// elementTexts returns the elements cast to text. Elements that are texts already may have a dictionary.
func elementTexts(env *Env, t *types.Type, elems arrow.Array, toText Kernel) (arrow.Array, error) {
	switch {
	case t.Kind == types.Unknown || elems.Len() == 0:
		return batch.Nulls(arrow.BinaryTypes.String, elems.Len()), nil
	case t.Kind == types.Varchar:
		return elems, nil
	}
	v, err := toText(env, []batch.Vector{{Array: env.Decode(elems)}}, []Lambda{nil}, elems.Len())
	if err != nil {
		return nil, err
	}
	return env.Decode(env.Expand(v, elems.Len())), nil
}

// joinedBytes estimates the bytes of all rows' texts with a separator after each, if none is NULL.
func (l lists) joinedBytes(separator batch.Vector, rows int) int64 {
	first, last := l.offsets[0], l.offsets[len(l.offsets)-1]
	texts := codedTextsOf(l.elems)
	bytes := texts.bytesOf(int(first), int(last), arrowdata.Validity(l.elems)) + int64(last-first)*textBytes(separator)/int64(max(1, separator.Array.Len()))
	if l.mask == 0 {
		bytes = min(bytes, mostJoinedBytes) * int64(rows)
	}
	return min(bytes, mostJoinedBytes)
}

// joinedElements appends the texts of a row of l. args are the separator and, optionally, the text for NULLs.
func joinedElements(env *Env, l lists, args []batch.Vector) func(dst []byte, i int) ([]byte, error) {
	separator, nullText := columnOf[string](args[0]), column[string]{}
	if len(args) > 1 {
		nullText = columnOf[string](args[1])
	}
	texts, valid := codedTextsOf(l.elems), arrowdata.Validity(l.elems)
	return func(dst []byte, i int) ([]byte, error) {
		before, between, ofNull := len(dst), separator.at(i), ""
		if len(args) > 1 {
			ofNull = nullText.at(i)
		}
		lo, hi := l.at(i)
		mayBeLong := env.checkLength(texts.bytesOf(lo, hi, valid)+int64(hi-lo)*int64(len(between)+len(ofNull))) != nil
		written := false
		for p := lo; p < hi; p++ {
			text := ofNull
			if arrowdata.IsValid(valid, p) {
				text = texts.at(p)
			} else if len(args) < 2 {
				continue
			}
			switch {
			case !written:
			case len(between) == 1:
				dst = append(dst, between[0])
			default:
				dst = append(dst, between...)
			}
			dst, written = append(dst, text...), true
			if !mayBeLong {
				continue
			}
			if err := env.checkLength(int64(len(dst) - before)); err != nil {
				return nil, err
			}
		}
		return dst, nil
	}
}
