package function

import (
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// maxListBytes limits the length of a result of listagg.
const maxListBytes = 1 << 20

func listAggFunctions() []Function {
	return []Function{
		aggregate("listagg(varchar, varchar, boolean, varchar, boolean) -> varchar",
			"Joins the values with a separator; written LISTAGG(x, sep) WITHIN GROUP (ORDER BY …).",
			&AggregateImpl{New: func(fn *types.Resolved, env *Env, _ []Lambda) Accumulator {
				c := newCollector(env, fn.Args)
				c.keep = func(args []batch.Vector, rows int) []byte { return validOf(args[:1], rows) }
				c.finish = joinTexts
				return c
			}}),
	}
}

// joinTexts reads five columns: the value, the separator, whether to fail on overflow, the filler of a truncated
// list, and whether to count what was truncated.
func joinTexts(offsets []int32, columns []arrow.Array) (arrow.Array, error) {
	read := make([][]string, 5)
	for _, i := range []int{0, 1, 3} {
		read[i] = batch.Strings(columns[i])
	}
	fails, counts := batch.Bools(columns[2]), batch.Bools(columns[4])
	out := make([]string, len(offsets)-1)
	for g := range out {
		first, end := offsets[g], offsets[g+1]
		if first == end {
			continue
		}
		o := overflow{fails: fails[first], filler: read[3][first], counts: counts[first]}
		var err error
		if out[g], err = joinList(read[0][first:end], read[1][first], o); err != nil {
			return nil, err
		}
	}
	return batch.FromStrings(arrow.BinaryTypes.String, out, nonEmpty(offsets))
}

// overflow says how to handle a list that is too long.
type overflow struct {
	fails, counts bool
	filler        string
}

func joinList(texts []string, separator string, o overflow) (string, error) {
	var b strings.Builder
	for i, text := range texts {
		more := len(text)
		if i > 0 {
			more += len(separator)
		}
		if b.Len()+more <= maxListBytes {
			if i > 0 {
				b.WriteString(separator)
			}
			b.WriteString(text)
			continue
		}
		if o.fails {
			return "", types.Errorf(types.ExceededFunctionMemory, types.Pos{},
				"Concatenated string has the length in bytes larger than the maximum output length %d", maxListBytes)
		}
		b.WriteString(separator + o.filler)
		if o.counts {
			b.WriteString("(" + strconv.Itoa(len(texts)-i) + ")")
		}
		break
	}
	return b.String(), nil
}
