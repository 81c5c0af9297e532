package function

import (
	"math"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/like"
	"github.com/auditlake/auditlake/planner/types"
)

// positionBind is strpos of two arguments. The searched text is mostly constant; it is then searched in place.
func positionBind() Bind {
	return func(fn *types.Resolved) Kernel {
		byRow := binaryPure(position)(fn)
		return func(env *Env, args []batch.Vector, lambdas []Lambda, rows int) (batch.Vector, error) {
			texts, isPlain := args[0].Array.(*array.String)
			if !isPlain || args[0].Const || !args[1].Const || anyNullConst(args[1:]) {
				return byRow(env, args, lambdas, rows)
			}
			part := columnOf[string](args[1]).at(0)
			if part == "" {
				return byRow(env, args, lambdas, rows)
			}
			return positionsIn(env, texts, part)
		}
	}
}

func position(s, part string) int64 {
	at := strings.Index(s, part)
	if at < 0 {
		return 0
	}
	return codePoints(s[:at]) + 1
}

// positionsIn returns the position of part in each text. part must not be empty.
func positionsIn(env *Env, texts *array.String, part string) (batch.Vector, error) {
	meter := meterOf(env)
	if err := meter.Grow(int64(texts.Len()) * sizeOf[int64]()); err != nil {
		return batch.Vector{}, err
	}
	offsets, data := batch.Text(texts)
	region := viewText(data[offsets[0]:offsets[len(offsets)-1]])
	piece, out := like.PlainPiece(part), make([]int64, texts.Len())
	eachTextWith(meter, offsets, region, &piece, func(i, at int) {
		begin := int(offsets[i] - offsets[0])
		out[i] = codePoints(region[begin:begin+at]) + 1
	})
	return batch.Vector{Array: batch.FromValues(arrow.PrimitiveTypes.Int64, out, arrowdata.Validity(texts))}, nil
}

func positionOfNth(env *Env, s, part string, n int64) (int64, error) {
	if n == 0 || n == math.MinInt64 {
		return 0, argumentError("'instance' must be a positive or negative number.")
	}
	if part == "" {
		return 1, nil
	}
	at := 0
	if n > 0 {
		for next := 0; ; next = at + 1 {
			if err := env.Stopped(); err != nil {
				return 0, err
			}
			found := strings.Index(s[next:], part)
			if found < 0 {
				return 0, nil
			}
			at = next + found
			if n--; n == 0 {
				return codePoints(s[:at]) + 1, nil
			}
		}
	}
	for end := len(s); ; end = at + len(part) - 1 {
		if err := env.Stopped(); err != nil {
			return 0, err
		}
		at = strings.LastIndex(s[:end], part)
		if at < 0 {
			return 0, nil
		}
		if n++; n == 0 {
			return codePoints(s[:at]) + 1, nil
		}
	}
}
