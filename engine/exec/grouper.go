package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
)

// grouper assigns group ids from 0 to the distinct combinations of its columns, in order of first appearance. NULL
// is a value like any other.
type grouper struct {
	columns []*batch.Interner
	// known are the columns that get codes from a table known as a whole, nil for the others; a nil slice: none.
	// Only codeColumn and find use them.
	known []knownColumn
	// combinations maps the combinations of the columns' codes to groups; nil with fewer than two columns.
	combinations *batch.Combinations
	// nullGroup is the group of NULL if there is one column; -1: none yet. Other values have groups in the order of
	// their codes, as both follow first appearance.
	nullGroup int32
	groups    int

	buffers [][]int32
	// memory is the account that insert reserves from while tables grow; nil: none.
	memory *account
}

// knownColumn has the codes of a column that is known as a whole: a *batch.Span or a *batch.TextRows. It is safe
// for concurrent use.
type knownColumn interface {
	Codes(v batch.Vector, codes []int32)
	// MaxCode is an upper bound of the codes.
	MaxCode() int32
	// Ends returns an array of type t with the least value and the greatest. by divides the work.
	Ends(t arrow.DataType, by batch.Divide) arrow.Array
}

func newGrouper(columnTypes []arrow.DataType) *grouper {
	g := &grouper{nullGroup: batch.Absent, buffers: make([][]int32, len(columnTypes))}
	for _, t := range columnTypes {
		g.columns = append(g.columns, batch.NewInterner(t))
	}
	if len(columnTypes) > 1 {
		g.combinations = batch.NewCombinations(len(columnTypes))
	}
	return g
}

// useNumbers makes the grouper compare texts by their ids, where they have some.
func (g *grouper) useNumbers(numbers *batch.TextNumbers) {
	for _, in := range g.columns {
		in.UseNumbers(numbers)
	}
}

// withoutValues lets the grouper forget the values of its columns. The caller must not ask for them.
func (g *grouper) withoutValues() {
	for _, in := range g.columns {
		in.WithoutValues()
	}
}

// divideLookups divides the work on the parts of nested values among workers, as far as processors are idle.
func (g *grouper) divideLookups(ctx context.Context, workers int) {
	for _, in := range g.columns {
		in.DivideLookups(func(pieces int, do func(piece int)) { inParallelWhereFree(ctx, workers, pieces, do) })
	}
}

// keepTexts lets the grouper refer to the memory of inserted texts if they come from a scan: a scan's batches never
// change, and their texts share memory with little else.
func (g *grouper) keepTexts(from any) {
	if _, ok := from.(*scan); !ok {
		return
	}
	for _, in := range g.columns {
		in.KeepTexts()
	}
}

// insert writes the group of each row to out (of length rows), and makes new groups as needed. Without columns all
// rows are in group 0.
func (g *grouper) insert(columns []batch.Vector, rows int, out []int32) error {
	if err := g.code(columns, rows, g.buffers); err != nil {
		return err
	}
	g.combine(g.buffers, out[:rows])
	return nil
}

// code is the first half of insert: it writes the code of each row's value to codes, by column.
func (g *grouper) code(columns []batch.Vector, rows int, codes [][]int32) error {
	done, err := g.memory.during(g.growthBytes(columns, rows))
	if err != nil {
		return err
	}
	defer done()
	for i, v := range columns {
		codes[i] = resized(codes[i], rows)
		if err := g.columns[i].Insert(v, rows, codes[i]); err != nil {
			return err
		}
	}
	return nil
}

// knownOf returns the source of column i's codes; nil: they are looked up.
func (g *grouper) knownOf(i int) knownColumn {
	if g.known == nil {
		return nil
	}
	return g.known[i]
}

// codeColumn is code for column i alone. It returns the codes, in the memory of codes if that is large enough.
// Several goroutines may call it for different columns.
func (g *grouper) codeColumn(i int, v batch.Vector, rows int, codes []int32) ([]int32, error) {
	codes = resized(codes, rows)
	if known := g.knownOf(i); known != nil {
		known.Codes(v, codes)
		return codes, nil
	}
	done, err := g.memory.during(g.columns[i].GrowthBytes(v, rows))
	if err != nil {
		return codes, err
	}
	defer done()
	return codes, g.columns[i].Insert(v, rows, codes)
}

// combine is the second half of insert: it writes the group of each row to out. It reads nothing that code changes,
// so the codes of other rows may be made in parallel.
func (g *grouper) combine(codes [][]int32, out []int32) {
	switch len(codes) {
	case 0:
		clear(out)
		g.groups = 1
	case 1:
		g.combineSingle(codes[0], out)
	default:
		g.combinations.Insert(codes, out)
		g.groups = g.combinations.Count()
	}
}

// growthBytes is the memory that insert may need while tables grow.
func (g *grouper) growthBytes(columns []batch.Vector, rows int) int64 {
	if g.memory == nil {
		return 0
	}
	bytes := int64(0)
	for i, v := range columns {
		bytes += g.columns[i].GrowthBytes(v, rows)
	}
	return bytes
}

// combineSingle writes the group of each row to out, by the code of the only column.
func (g *grouper) combineSingle(codes, out []int32) {
	most := int32(0)
	for row, code := range codes[:len(out)] {
		if code == 0 && g.nullGroup == batch.Absent {
			g.nullGroup = max(int32(g.groups), most)
		}
		group := g.groupOf(code)
		out[row] = group
		most = max(most, group+1)
	}
	g.groups = max(g.groups, int(most))
}

// groupOf returns the group of a code of the only column.
func (g *grouper) groupOf(code int32) int32 {
	switch {
	case code == 0:
		return g.nullGroup
	case g.nullGroup == batch.Absent || code <= g.nullGroup:
		return code - 1
	}
	return code
}

// find writes the group of each row to out, batch.Absent if there is none.
func (g *grouper) find(columns []batch.Vector, rows int, out []int32) error {
	for i, v := range columns {
		g.buffers[i] = resized(g.buffers[i], rows)
		if known := g.knownOf(i); known != nil {
			known.Codes(v, g.buffers[i])
		} else if err := g.columns[i].Find(v, rows, g.buffers[i]); err != nil {
			return err
		}
	}
	out = out[:rows]
	switch len(g.columns) {
	case 0:
		for row := range out {
			out[row] = int32(g.groups) - 1
		}
	case 1:
		for row, code := range g.buffers[0] {
			out[row] = batch.Absent
			if code != batch.Absent {
				out[row] = g.groupOf(code)
			}
		}
	default:
		g.combinations.Find(g.buffers, out)
	}
	return nil
}

// finder returns a grouper that finds the groups of g, while nothing is inserted into g. Each goroutine needs its
// own.
func (g *grouper) finder() *grouper {
	f := *g
	f.buffers, f.memory = make([][]int32, len(g.buffers)), nil
	f.columns = make([]*batch.Interner, len(g.columns))
	for i, in := range g.columns {
		f.columns[i] = in.Finder()
	}
	return &f
}

// column returns the values of column i of all groups. Texts that recur make a dictionary, which is sorted and
// written faster. by divides the work.
func (g *grouper) column(i int, by batch.Divide) arrow.Array {
	const fewerThanGroups = 4
	in := g.columns[i]
	if len(g.columns) == 1 && g.nullGroup == batch.Absent {
		return in.NonNullValues(by)
	}
	codes := g.codes(i, 0, g.groups)
	if in.IsOfTexts() && in.Len()*fewerThanGroups <= len(codes) {
		return in.Coded(codes, by)
	}
	return in.ValuesOf(codes, by)
}

// valuesOf returns the values of column i of the given groups, which ascend.
func (g *grouper) valuesOf(i int, groups []int32) arrow.Array {
	codes := make([]int32, len(groups))
	if len(groups) > 0 {
		first, last := groups[0], groups[len(groups)-1]
		all := g.codes(i, int(first), int(last)+1)
		for row, group := range groups {
			codes[row] = all[group-first]
		}
	}
	return g.columns[i].ValuesOf(codes, batch.InTurn)
}

// codes returns column i's codes of groups [from, to). The caller owns the slice.
func (g *grouper) codes(i, from, to int) []int32 {
	if g.combinations != nil {
		return g.combinations.Codes(i, from, to)
	}
	codes := make([]int32, to-from)
	for n := range codes {
		codes[n] = g.codeOf(int32(from + n))
	}
	return codes
}

// codeOf returns the only column's code of a group.
func (g *grouper) codeOf(group int32) int32 {
	switch {
	case group == g.nullGroup:
		return 0
	case g.nullGroup == batch.Absent || group < g.nullGroup:
		return group + 1
	}
	return group
}

// forgetLookups frees what groups are found by. Their keys stay.
func (g *grouper) forgetLookups() {
	if g.combinations != nil {
		g.combinations.ForgetLookups()
	}
	for _, in := range g.columns {
		in.ForgetLookups()
	}
}

// sizeBytes estimates the memory held.
func (g *grouper) sizeBytes() int64 {
	size := g.codedBytes() + g.combinedBytes()
	for _, buffer := range g.buffers {
		size += int64(cap(buffer)) * 4
	}
	return size
}

// codedBytes is the memory that code keeps.
func (g *grouper) codedBytes() (size int64) {
	for _, in := range g.columns {
		size += in.SizeBytes()
	}
	return size
}

// combinedBytes is the memory that combine keeps.
func (g *grouper) combinedBytes() int64 {
	if g.combinations == nil {
		return 0
	}
	return g.combinations.SizeBytes()
}

// resized returns a slice of length n, in the memory of s if that is large enough.
func resized(s []int32, n int) []int32 {
	if cap(s) < n {
		return make([]int32, n)
	}
	return s[:n]
}

// insertNew is insert, and returns the rows that began a group.
func (g *grouper) insertNew(columns []batch.Vector, rows int, out []int32) ([]int32, error) {
	next := int32(g.groups)
	if err := g.insert(columns, rows, out); err != nil {
		return nil, err
	}
	return newGroups(out[:rows], next), nil
}

// newGroups lists the rows that began a group. next is the first new group.
func newGroups(groups []int32, next int32) []int32 {
	var fresh []int32
	for row, group := range groups {
		if group == next {
			fresh = append(fresh, int32(row))
			next++
		}
	}
	return fresh
}
