package function

import (
	"cmp"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

func histogramFunctions() []Function {
	const frequent = "Returns the most frequent values with their counts."
	return []Function{
		aggregate("histogram(T) -> map(T, bigint) where T comparable", "Returns a map from each value to how often it occurs.",
			&AggregateImpl{New: func(fn *types.Resolved, env *Env, _ []Lambda) Accumulator {
				return histogram{newValueCounts(env, fn.Args[0])}
			}}),
		aggregate("approx_most_frequent(bigint, bigint, bigint) -> map(bigint, bigint)", frequent,
			&AggregateImpl{New: newMostFrequent}),
		aggregate("approx_most_frequent(bigint, varchar, bigint) -> map(varchar, bigint)", frequent,
			&AggregateImpl{New: newMostFrequent}),
	}
}

// valueCounts counts the distinct values of each group. It ignores NULL.
type valueCounts struct {
	env    *Env
	values *batch.Interner
	pairs  batch.WordTable // (group, code)
	counts []int64         // by pair
	number int             // the number of groups

	codes []int32
}

func newValueCounts(env *Env, t *types.Type) *valueCounts {
	return &valueCounts{env: env, values: batch.NewInterner(arrowtype.Of(t))}
}

// Resize implements Accumulator.
func (c *valueCounts) Resize(groups int) { c.number = max(c.number, groups) }

// histogram is histogram(value).
type histogram struct{ *valueCounts }

// AddCounted implements RepeatCounter.
func (h histogram) AddCounted(groups []int32, args []batch.Vector, counts []int64, rows int) error {
	return h.add(groups, args, rows, func(row int) int64 { return counts[row] })
}

// Merge implements Accumulator.
func (h histogram) Merge(other Accumulator, mapping []int32) error {
	return h.valueCounts.Merge(other.(histogram).valueCounts, mapping)
}

// Add implements Accumulator.
func (c *valueCounts) Add(groups []int32, args []batch.Vector, rows int) error {
	return c.add(groups, args, rows, func(int) int64 { return 1 })
}

// add is Add for rows that each count count(row) times.
func (c *valueCounts) add(groups []int32, args []batch.Vector, rows int, count func(row int) int64) error {
	c.codes = grown(c.codes, rows)
	done, err := c.env.reserved(c.values.GrowthBytes(args[0], rows) + c.pairs.GrowthBytes(rows))
	if err != nil {
		return err
	}
	defer done()
	if err := c.values.Insert(args[0], rows, c.codes); err != nil {
		return err
	}
	for row, group := range groups[:rows] {
		if c.codes[row] != 0 {
			c.count(group, c.codes[row], count(row))
		}
	}
	return nil
}

func (c *valueCounts) count(group, code int32, n int64) {
	pair := c.pairs.Insert(uint64(uint32(group))<<32 | uint64(uint32(code)))
	c.counts = grown(c.counts, c.pairs.Len())
	c.counts[pair] += n
}

// Merge implements Accumulator.
func (c *valueCounts) Merge(other Accumulator, mapping []int32) error {
	from := other.(*valueCounts)
	values := from.values.Values()
	codes := make([]int32, values.Len())
	if err := c.values.Insert(batch.Vector{Array: values}, values.Len(), codes); err != nil {
		return err
	}
	for pair, word := range from.pairs.Words() {
		c.count(mapping[word>>32], codes[uint32(word)], from.counts[pair])
	}
	return nil
}

// Result implements Accumulator.
func (c *valueCounts) Result() (arrow.Array, error) {
	return c.maps(func(int, []int32) (int, error) { return -1, nil })
}

// maps builds one map per group from its pairs. choose may reorder a group's pairs and returns how many to take;
// negative: all.
func (c *valueCounts) maps(choose func(group int, pairs []int32) (int, error)) (arrow.Array, error) {
	words := c.pairs.Words()
	groups := make([]int32, len(words))
	for pair, word := range words {
		groups[pair] = int32(word >> 32)
	}
	offsets, pairs := sortByGroup(groups, c.number)
	ends := make([]int32, len(offsets))
	var codes []int32
	var counts []int64
	for g := range c.number {
		own := pairs[offsets[g]:offsets[g+1]]
		n, err := choose(g, own)
		if err != nil {
			return nil, err
		}
		if n >= 0 && n < len(own) {
			own = own[:n]
		}
		for _, pair := range own {
			codes = append(codes, int32(uint32(words[pair])))
			counts = append(counts, c.counts[pair])
		}
		ends[g+1] = int32(len(codes))
	}
	keys := batch.Take(c.values.Values(), codes)
	return batch.FromMaps(ends, nonEmpty(offsets), keys, batch.FromValues(arrow.PrimitiveTypes.Int64, counts, nil)), nil
}

// SizeBytes implements Accumulator.
func (c *valueCounts) SizeBytes() int64 {
	return c.values.SizeBytes() + c.pairs.SizeBytes() + statesBytes(c.counts)
}

// mostFrequent is approx_most_frequent(buckets, value, capacity). It counts exactly, so it only checks the
// capacity, which bounds the error.
type mostFrequent struct {
	*valueCounts
	buckets []int64 // by group
}

func newMostFrequent(fn *types.Resolved, env *Env, _ []Lambda) Accumulator {
	return &mostFrequent{valueCounts: newValueCounts(env, fn.Args[1])}
}

// Resize implements Accumulator.
func (m *mostFrequent) Resize(groups int) {
	m.valueCounts.Resize(groups)
	m.buckets = grown(m.buckets, groups)
}

// Add implements Accumulator.
func (m *mostFrequent) Add(groups []int32, args []batch.Vector, rows int) error {
	groups = groups[:rows]
	if valid := validOf(args, rows); valid != nil {
		groups, args = validRows(groups, args, valid)
	}
	buckets, capacity := columnOf[int64](args[0]), columnOf[int64](args[2])
	for row, group := range groups {
		if m.buckets[group] = buckets.at(row); m.buckets[group] < 2 {
			return argumentError("approx_most_frequent bucket count must be greater than one, input bucket count: %d", buckets.at(row))
		}
		if capacity.at(row) <= 0 {
			return argumentError("approx_most_frequent: capacity must be positive")
		}
	}
	return m.valueCounts.Add(groups, args[1:2], len(groups))
}

// Merge implements Accumulator.
func (m *mostFrequent) Merge(other Accumulator, mapping []int32) error {
	from := other.(*mostFrequent)
	for i, n := range from.buckets {
		m.buckets[mapping[i]] = max(n, m.buckets[mapping[i]])
	}
	return m.valueCounts.Merge(from.valueCounts, mapping)
}

// Result implements Accumulator.
func (m *mostFrequent) Result() (arrow.Array, error) {
	return m.maps(func(group int, pairs []int32) (int, error) {
		slices.SortStableFunc(pairs, func(a, b int32) int { return cmp.Compare(m.counts[b], m.counts[a]) })
		return int(min(m.buckets[group], int64(len(pairs)))), nil
	})
}
