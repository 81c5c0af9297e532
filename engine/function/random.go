package function

import (
	crypto "crypto/rand"
	"math/rand/v2"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// randomFunctions is the family of functions with a different result for each row.
func randomFunctions() []Function {
	list := []Function{
		scalar("uuid() -> uuid", "Returns a random UUID.", perRow(randomUUID), types.NonDeterministic),
	}
	for _, name := range []string{"random", "rand"} {
		list = append(list, scalar(name+"() -> double", "Returns a random number from 0 up to 1.", perRow(rand.Float64), types.NonDeterministic))
		list = append(list, randomIntegers[int8](name, "tinyint")...)
		list = append(list, randomIntegers[int16](name, "smallint")...)
		list = append(list, randomIntegers[int32](name, "integer")...)
		list = append(list, randomIntegers[int64](name, "bigint")...)
	}
	return list
}

// perRow adapts a function without arguments that is called for every row.
func perRow[R any](f func() R) Bind {
	return func(fn *types.Resolved) Kernel {
		dt := arrowtype.Of(fn.Return)
		return func(_ *Env, _ []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
			out := make([]R, rows)
			for i := range out {
				out[i] = f()
			}
			a, err := arrayOf(dt, out, nil, batch.InTurn)
			return batch.Vector{Array: a}, err
		}
	}
}

func randomIntegers[T integer](name, kind string) []Function {
	return []Function{
		scalar(name+"("+kind+") -> "+kind, "Returns a random whole number from 0 up to n-1.", unary(func(n T) (T, error) {
			if n <= 0 {
				return 0, argumentError("bound must be positive")
			}
			return T(rand.Int64N(int64(n))), nil
		}), types.NonDeterministic),
		scalar(name+"("+kind+", "+kind+") -> "+kind, "Returns a random whole number from m up to n-1.", binary(func(m, n T) (T, error) {
			if m >= n {
				return 0, argumentError("start value must be less than stop value")
			}
			return T(int64(m) + int64(rand.Uint64N(uint64(n)-uint64(m)))), nil
		}), types.NonDeterministic),
	}
}

// randomUUID returns a UUID of version 4.
func randomUUID() []byte {
	id := make([]byte, 16)
	_, _ = crypto.Read(id) // never fails
	id[6] = id[6]&0x0F | 0x40
	id[8] = id[8]&0x3F | 0x80
	return id
}
