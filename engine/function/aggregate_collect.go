package function

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// collector collects the arguments of all rows until Result.
type collector struct {
	argTypes []arrow.DataType
	// keep marks the rows that count, nil for all.
	keep func(args []batch.Vector, rows int) []byte
	// finish computes the result from the rows sorted by group. The rows of group g are [offsets[g], offsets[g+1])
	// of each column, in order of arrival. If readsCodes is set, columns of texts may have a dictionary.
	finish func(offsets []int32, columns []arrow.Array) (arrow.Array, error)
	// pick, instead, computes the result from the rows in order of arrival. The rows of group g are
	// rows[offsets[g]:offsets[g+1]], ascending. Columns of texts may have a dictionary.
	pick func(offsets, rows []int32, columns []arrow.Array) (arrow.Array, error)

	env        *Env
	divide     batch.Divide // the work of Result
	readsCodes bool
	// keepsAll: a group's result holds all its arguments.
	keepsAll bool
	// ofFirstKeys: of a group's rows with equal first arguments only the first counts.
	ofFirstKeys bool

	groups []int32
	chunks [][]arrow.Array // by argument
	number int             // the number of groups
	bytes  int64
}

func newCollector(env *Env, args []*types.Type) *collector {
	c := &collector{env: env, divide: batch.InTurn, chunks: make([][]arrow.Array, len(args))}
	for _, t := range args {
		c.argTypes = append(c.argTypes, arrowtype.Of(t))
	}
	return c
}

// repeatArguments implements RepeatArguments.
func (c *collector) repeatArguments() int {
	if c.ofFirstKeys {
		return 1
	}
	return 0
}

// divideResult implements DivideResult.
func (c *collector) divideResult(by batch.Divide) { c.divide = by }

// Resize implements Accumulator.
func (c *collector) Resize(groups int) { c.number = max(c.number, groups) }

// Add implements Accumulator.
func (c *collector) Add(groups []int32, args []batch.Vector, rows int) error {
	args = args[:len(c.argTypes)]
	groups = groups[:rows]
	if c.keep != nil {
		if valid := c.keep(args, rows); valid != nil {
			groups, args = validRows(groups, args, valid)
		}
	}
	if len(groups) == 0 {
		return nil
	}
	c.groups = append(c.groups, groups...)
	for i, v := range args {
		a := batch.Expand(v, len(groups))
		c.chunks[i] = append(c.chunks[i], a)
		c.bytes += batch.DecodedBytes(batch.Vector{Array: a}, len(groups)) // as Result has them
	}
	return nil
}

// validRows keeps the rows with a set bit.
func validRows(groups []int32, args []batch.Vector, valid []byte) ([]int32, []batch.Vector) {
	var kept, rows []int32
	for row, group := range groups {
		if arrowdata.IsValid(valid, row) {
			kept, rows = append(kept, group), append(rows, int32(row))
		}
	}
	taken := make([]batch.Vector, len(args))
	for i, v := range args {
		taken[i] = batch.TakeVector(v, rows)
	}
	return kept, taken
}

// Merge implements Accumulator.
func (c *collector) Merge(other Accumulator, mapping []int32) error {
	from := other.(*collector)
	for _, group := range from.groups {
		c.groups = append(c.groups, mapping[group])
	}
	for i := range c.chunks {
		c.chunks[i] = append(c.chunks[i], from.chunks[i]...)
	}
	c.bytes += from.bytes
	return nil
}

// Result implements Accumulator.
func (c *collector) Result() (arrow.Array, error) {
	offsets, rows := sortByGroup(c.groups, c.number)
	if err := c.checkGroups(offsets); err != nil {
		return nil, err
	}
	// The joined columns need memory besides the chunks and the result, which the caller has reserved.
	done, err := c.env.reserved(c.bytes)
	if err != nil {
		return nil, err
	}
	defer done()
	columns := make([]arrow.Array, len(c.chunks))
	for i, chunks := range c.chunks {
		if len(chunks) == 0 {
			columns[i] = batch.Nulls(c.argTypes[i], 0)
			continue
		}
		columns[i] = batch.ConcatDivided(chunks, nil, c.divide)
		if c.pick != nil {
			continue
		}
		if c.number > 1 { // else the rows are in order
			columns[i] = batch.TakeDivided(columns[i], rows, c.divide)
		}
		if !c.readsCodes {
			columns[i] = batch.Decode(columns[i])
		}
	}
	if c.pick != nil {
		return c.pick(offsets, rows, columns)
	}
	return c.finish(offsets, columns)
}

// checkGroups fails before a result is built if one value of all rows would be too long.
func (c *collector) checkGroups(offsets []int32) error {
	if !c.keepsAll || c.env == nil || c.number != 1 {
		return nil
	}
	return c.env.Limits.CheckValue(c.bytes)
}

// SizeBytes implements Accumulator.
func (c *collector) SizeBytes() int64 { return c.bytes + int64(cap(c.groups))*4 }

// sortByGroup lists the rows group by group, each group in order. The rows of group g are
// rows[offsets[g]:offsets[g+1]].
func sortByGroup(groups []int32, number int) (offsets, rows []int32) {
	offsets = make([]int32, number+1)
	for _, group := range groups {
		offsets[group+1]++
	}
	for i := range number {
		offsets[i+1] += offsets[i]
	}
	next := append([]int32{}, offsets...)
	rows = make([]int32, len(groups))
	for row, group := range groups {
		rows[next[group]] = int32(row)
		next[group]++
	}
	return offsets, rows
}

// nonEmpty returns the validity of one list per group: NULL if the group has no rows.
func nonEmpty(offsets []int32) []byte {
	n := len(offsets) - 1
	valid := arrowdata.FullValidity(n)
	for g := range n {
		if offsets[g] == offsets[g+1] {
			arrowdata.ClearBit(valid, g)
		}
	}
	return valid
}

func arrayAggFunctions() []Function {
	return []Function{
		aggregate("array_agg(T) -> array(T)", "Returns all values, NULL included, as an array.", &AggregateImpl{
			New: func(fn *types.Resolved, env *Env, _ []Lambda) Accumulator {
				c := newCollector(env, fn.Args)
				c.keepsAll, c.readsCodes = true, true
				c.finish = func(offsets []int32, columns []arrow.Array) (arrow.Array, error) {
					return batch.FromLists(offsets, nonEmpty(offsets), c.fewTexts(columns[0])), nil
				}
				return c
			}}),
	}
}

// fewTexts gives a column of texts a dictionary if it has few distinct texts. Functions of the arrays then read
// each of these once.
func (c *collector) fewTexts(a arrow.Array) arrow.Array {
	texts, ok := a.(*array.String)
	if !ok {
		return a
	}
	in, codes := batch.NewInterner(a.DataType()), make([]int32, a.Len())
	const each = 4096
	for from := 0; from < a.Len(); from += each {
		to := min(from+each, a.Len())
		some := array.NewSlice(texts, int64(from), int64(to))
		if err := in.Insert(batch.Vector{Array: some}, to-from, codes[from:to]); err != nil || in.Len() > batch.MaxJoinedValues(to) {
			return a
		}
	}
	return in.Coded(codes, c.divide)
}
