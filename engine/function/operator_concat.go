package function

import (
	"math"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

func concatFunctions() []Function {
	const doc = "Joins the arguments one after another."
	// The order determines which overloads are the most specific for NULLs.
	return []Function{
		scalar("concat(array(E), E) -> array(E)", "Returns the array with an element after it.", concatLists),
		scalar("concat(E, array(E)) -> array(E)", "Returns the array with an element before it.", concatLists),
		scalar("concat(array(E)...) -> array(E)", doc, concatLists),
		readingCodes(scalar("concat(varchar...) -> varchar", doc, concatText)),
		scalar("concat(varbinary...) -> varbinary", doc, concatText),
		scalar("concat(char(x), char(y)) -> char", doc, concatText, types.ReturnOf(func(args []*types.Type) (*types.Type, error) {
			length := args[0].Length + args[1].Length
			if length > math.MaxUint16+1 {
				return nil, types.Errorf(types.TypeNotFound, types.Pos{}, "Unknown type: char(%d)", length)
			}
			return types.CharOf(length), nil
		})),
	}
}

// readingCodes marks a kernel that takes dictionary arrays over whose values the caller cannot run it, see Impl.
func readingCodes(f Function) Function {
	f.ReadsCodes = true
	return f
}

// concatText joins texts or bytes; char values keep their padding.
func concatText(fn *types.Resolved) Kernel {
	dt := arrowOf(fn)
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		if len(args) < 2 {
			return batch.Vector{}, errConcatOne
		}
		rows, constant := rowsToCompute(args, rows)
		valid := validOf(args, rows)
		parts := concatPartsOf(args)
		offsets, err := concatOffsets(parts, valid, rows)
		if err != nil {
			return batch.Vector{}, err
		}
		total := offsets[rows]
		if err := meterOf(env).Grow(int64(total)); err != nil {
			return batch.Vector{}, err
		}
		data := make([]byte, total)
		for from := 0; from < rows; from += concatRows {
			env.look()
			writeConcat(parts, from, data, offsets[from:min(rows, from+concatRows)+1])
		}
		return batch.Vector{Array: batch.FromText(dt, offsets, data, valid), Const: constant}, nil
	}
}

var errConcatOne = types.Errorf(types.InvalidFunctionArgument, types.Pos{}, "There must be two or more concatenation arguments")
