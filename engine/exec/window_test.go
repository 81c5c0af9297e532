package exec

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// windowSample has a partition p, a sort key k, offsets for frames, k moved by them, and values of several types.
type windowSample struct {
	*table
	columns []*plan.Column
}

func (s *windowSample) addColumn(name string, t *types.Type, a arrow.Array) {
	s.columns = append(s.columns, &plan.Column{ID: len(s.columns), Name: name, Type: t})
	s.table.columns = append(s.table.columns, a)
}

func (s *windowSample) column(name string) *plan.Column {
	return s.columns[slices.IndexFunc(s.columns, func(c *plan.Column) bool { return c.Name == name })]
}

func (s *windowSample) array(c *plan.Column) arrow.Array { return s.table.columns[c.ID] }

// randomColumn makes values of which one in five is NULL.
func randomColumn[T any](rows int, random *rand.Rand, t *types.Type, value func() T) arrow.Array {
	values, valid := make([]T, rows), arrowdata.FullValidity(rows)
	for i := range values {
		values[i] = value()
		if random.IntN(5) == 0 {
			arrowdata.ClearBit(valid, i)
		}
	}
	switch v := any(values).(type) {
	case []string:
		a, err := batch.FromStrings(arrowtype.Of(t), v, valid)
		if err != nil {
			panic(err)
		}
		return a
	case []bool:
		return batch.FromBools(v, valid)
	}
	return batch.FromValues(arrowtype.Of(t), values, valid)
}

func newWindowSample(rows int, random *rand.Rand) *windowSample {
	s := &windowSample{table: &table{rows: rows}}
	p := make([]int64, rows)
	for i := range p {
		p[i] = random.Int64N(3)
	}
	s.addColumn("p", types.BigIntType, batch.FromValues(arrow.PrimitiveTypes.Int64, p, nil))
	s.addColumn("k", types.BigIntType, randomColumn(rows, random, types.BigIntType, func() int64 { return random.Int64N(int64(rows)) / 2 }))
	decimal := types.DecimalOf(20, 2)
	large := []int64{1<<53 + 1, -(1<<53 + 3), 1 << 57, -1 << 57} // sums of doubles round

	s.addColumn("n", types.BigIntType, randomColumn(rows, random, types.BigIntType, func() int64 {
		if random.IntN(25) == 0 {
			return large[random.IntN(len(large))]
		}
		return random.Int64N(9) - 4
	}))
	doubles := []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), 0}
	s.addColumn("d", types.DoubleType, randomColumn(rows, random, types.DoubleType, func() float64 {
		if random.IntN(12) == 0 {
			return doubles[random.IntN(len(doubles))]
		}
		return float64(random.IntN(9) - 4)
	}))
	s.addColumn("r", types.RealType, randomColumn(rows, random, types.RealType, func() float32 { return float32(random.IntN(9) - 4) }))
	s.addColumn("s", types.VarcharType, randomColumn(rows, random, types.VarcharType, func() string { return strings.Repeat("é", random.IntN(3)) + fmt.Sprint(random.IntN(4)) }))
	s.addColumn("b", types.BooleanType, randomColumn(rows, random, types.BooleanType, func() bool { return random.IntN(2) == 0 }))
	s.addColumn("c", decimal, randomColumn(rows, random, decimal, func() decimal128.Num { return decimal128.FromI64(random.Int64N(2000) - 1000) }))
	s.addColumn("v", types.IntervalDayType, randomColumn(rows, random, types.IntervalDayType, func() int64 { return random.Int64N(9) - 4 }))
	s.addColumn("y", types.IntervalYearType, randomColumn(rows, random, types.IntervalYearType, func() int32 { return random.Int32N(9) - 4 }))
	s.addColumn("l", types.ArrayOf(types.BigIntType), randomLists(rows, random))
	for _, name := range []string{"two", "some"} {
		offset := make([]int64, rows)
		for i := range offset {
			if offset[i] = 2; name == "some" {
				offset[i] = random.Int64N(7)
			}
		}
		s.addColumn(name, types.BigIntType, batch.FromValues(arrow.PrimitiveTypes.Int64, offset, nil))
		keys := s.array(s.column("k"))
		for _, direction := range []int64{-1, 1} {
			moved := make([]int64, rows)
			for i := range moved {
				moved[i] = batch.Values[int64](keys)[i] + direction*offset[i]
			}
			s.addColumn(fmt.Sprint(name, direction), types.BigIntType, batch.FromValues(arrow.PrimitiveTypes.Int64, moved, arrowdata.Validity(keys)))
		}
	}
	return s
}

func randomLists(rows int, random *rand.Rand) arrow.Array {
	offsets, elements := []int32{0}, []int64{}
	for range rows {
		for range random.IntN(3) {
			elements = append(elements, random.Int64N(3))
		}
		offsets = append(offsets, int32(len(elements)))
	}
	return batch.FromLists(offsets, nil, batch.FromValues(arrow.PrimitiveTypes.Int64, elements, nil))
}

// frame makes a frame with offsets of a column; the sort key moves the other way in descending order.
func (s *windowSample) frame(unit plan.FrameUnit, start, end plan.BoundKind, offset string, descending bool) plan.Frame {
	f := plan.Frame{Unit: unit, Start: start, End: end}
	side := func(kind plan.BoundKind) (*plan.Column, plan.RangeBound) {
		if kind != plan.Preceding && kind != plan.Following {
			return nil, plan.RangeBound{}
		}
		if unit != plan.FrameRange {
			return s.column(offset), plan.RangeBound{}
		}
		direction := "1"
		if (kind == plan.Preceding) != descending {
			direction = "-1"
		}
		return s.column(offset), plan.RangeBound{Key: s.column("k"), Value: s.column(offset + direction)}
	}
	f.StartOffset, f.StartRange = side(start)
	f.EndOffset, f.EndRange = side(end)
	return f
}

// naiveFrame lists the places in rows, a sorted partition, that are in the frame of place i.
func (s *windowSample) naiveFrame(f plan.Frame, key plan.SortKey, rows []int, i int) []int {
	keys := s.array(s.column("k"))
	value := func(row int) string { return keys.ValueStr(row) }
	group, groups := 0, make([]int, len(rows)) // numbers of peers
	for at := range rows {
		if at > 0 && value(rows[at]) != value(rows[at-1]) {
			group++
		}
		groups[at] = group
	}
	// reaches says whether a place is not beyond one end of the frame.
	reaches := func(at int, kind plan.BoundKind, offset *plan.Column, sign int) bool {
		if kind == plan.UnboundedPreceding || kind == plan.UnboundedFollowing {
			return true
		}
		n := 0
		if offset != nil {
			n = int(batch.Values[int64](s.array(offset))[rows[i]])
		}
		if kind == plan.Preceding {
			n = -n
		}
		switch f.Unit {
		case plan.FrameRows:
			return sign*at <= sign*(i+n)
		case plan.FrameGroups:
			return sign*groups[at] <= sign*(groups[i]+n)
		}
		if offset == nil {
			return sign*groups[at] <= sign*groups[i]
		}
		nullAt, nullI := keys.IsNull(rows[at]), keys.IsNull(rows[i])
		switch {
		case nullAt != nullI: // no offset leads from one to the other
			return sign*groups[at] <= sign*groups[i]
		case nullAt:
			return true
		}
		if key.Descending {
			n, sign = -n, -sign
		}
		own := batch.Values[int64](keys)
		return int64(sign)*own[rows[at]] <= int64(sign)*(own[rows[i]]+int64(n))
	}
	var in []int
	for at := range rows {
		if reaches(at, f.Start, f.StartOffset, -1) && reaches(at, f.End, f.EndOffset, 1) {
			in = append(in, at)
		}
	}
	return in
}

func (s *windowSample) resolve(t *testing.T, name string, args ...*plan.Column) plan.WindowCall {
	var list []types.Arg
	for _, c := range args {
		list = append(list, types.Arg{Type: c.Type})
	}
	fn, err := function.New().Resolve(name, list)
	require.NoError(t, err)
	call := plan.WindowCall{Fn: fn, Column: &plan.Column{ID: 1000, Name: "result", Type: fn.Return}}
	for _, c := range args {
		call.Args = append(call.Args, &plan.Ref{Column: c})
	}
	return call
}

// naive computes a call for place i of a sorted partition.
func (s *windowSample) naive(t *testing.T, call plan.WindowCall, key plan.SortKey, rows []int, i int) string {
	var args []arrow.Array
	for _, arg := range call.Args {
		args = append(args, s.array(arg.(*plan.Ref).Column))
	}
	text := func(row int) string {
		if args[0].IsNull(row) {
			return "NULL"
		}
		return args[0].ValueStr(row)
	}
	in := s.naiveFrame(call.Frame, key, rows, i)
	impl, isAggregate := call.Fn.Impl.(*function.AggregateImpl)
	if !isAggregate {
		n := 1
		switch call.Fn.Name {
		case "lag", "lead":
			in = in[:0]
			for at := range rows {
				if call.Fn.Name == "lead" && at > i || call.Fn.Name == "lag" && at < i {
					in = append(in, at)
				}
			}
			if n = int(batch.Values[int64](args[1])[rows[i]]); n == 0 {
				return text(rows[i])
			}
		case "nth_value":
			n = int(batch.Values[int64](args[1])[rows[i]])
		}
		if call.Fn.Name == "lag" || call.Fn.Name == "last_value" {
			slices.Reverse(in)
		}
		for _, at := range in {
			if call.IgnoreNulls && args[0].IsNull(rows[at]) {
				continue
			}
			if n--; n == 0 {
				return text(rows[at])
			}
		}
		return "NULL"
	}
	acc := impl.New(call.Fn, &function.Env{}, nil)
	acc.Resize(1)
	seen := map[string]bool{}
	for _, at := range in {
		if call.Distinct {
			value := text(rows[at])
			if value == "-0" { // equals 0
				value = "0"
			}
			if seen[value] {
				continue
			}
			seen[value] = true
		}
		var row []batch.Vector
		for _, a := range args {
			row = append(row, batch.Vector{Array: batch.Take(a, []int32{int32(rows[at])})})
		}
		require.NoError(t, acc.Add([]int32{0}, row, 1))
	}
	result, err := acc.Result()
	require.NoError(t, err)
	if result.IsNull(0) {
		return "NULL"
	}
	return result.ValueStr(0)
}

// naiveWindow returns the rows that a window gives, by looking at each row of each frame.
func (s *windowSample) naiveWindow(t *testing.T, n *plan.Window) []string {
	position := sortKey{position: n.OrderBy[0].Column.ID, valueType: n.OrderBy[0].Column.Type, descending: n.OrderBy[0].Descending, nullsFirst: n.OrderBy[0].NullsFirst}
	order := naiveSorted(s.table, []sortKey{position})
	var partitions []string
	for row := range s.rows {
		if p := s.table.columns[0].ValueStr(row); !slices.Contains(partitions, p) {
			partitions = append(partitions, p)
		}
	}
	var out []string
	for _, p := range partitions {
		rows := slices.DeleteFunc(slices.Clone(order), func(row int) bool { return s.table.columns[0].ValueStr(row) != p })
		for i, row := range rows {
			text := rowText(s.vectors(), row)
			for _, call := range n.Calls {
				text += "|" + s.naive(t, call, n.OrderBy[0], rows, i)
			}
			out = append(out, text)
		}
	}
	return out
}

func (s *windowSample) calls(t *testing.T) []plan.WindowCall {
	column := s.column
	calls := []plan.WindowCall{s.resolve(t, "count")}
	for _, name := range strings.Split("n d r s b c v y", " ") {
		for _, f := range []string{"min", "max", "count", "any_value", "approx_distinct"} {
			if f != "approx_distinct" || name == "s" {
				calls = append(calls, s.resolve(t, f, column(name)))
			}
		}
		calls = append(calls, s.resolve(t, "min_by", column("s"), column(name)), s.resolve(t, "max_by", column("l"), column(name)))
		distinct := s.resolve(t, "count", column(name))
		distinct.Distinct = true
		calls = append(calls, distinct)
		if name != "s" && name != "b" {
			calls = append(calls, s.resolve(t, "sum", column(name)), s.resolve(t, "avg", column(name)))
		}
	}
	for _, f := range []string{"bool_and", "every", "bool_or", "count_if"} {
		calls = append(calls, s.resolve(t, f, column("b")))
	}
	distinct := s.resolve(t, "array_agg", column("n"))
	distinct.Distinct = true
	calls = append(calls, distinct, s.resolve(t, "array_agg", column("s")), s.resolve(t, "max", column("l")), s.resolve(t, "stddev", column("d")),
		s.resolve(t, "max", column("n"), column("two")))
	for _, ignore := range []bool{false, true} {
		for _, call := range []plan.WindowCall{s.resolve(t, "first_value", column("s")), s.resolve(t, "last_value", column("n")), s.resolve(t, "nth_value", column("s"), column("two")),
			s.resolve(t, "lag", column("s"), column("some")), s.resolve(t, "lead", column("d"), column("some"))} {
			call.IgnoreNulls = ignore
			calls = append(calls, call)
		}
	}
	return calls
}

func windowOf(t *testing.T, n *plan.Window, input Operator, columns []*plan.Column, pool *memory.Pool) Operator {
	t.Helper()
	env := &Env{Function: &function.Env{}, Memory: Accounted(pool), Stats: NewStats(false)}
	o, _, err := (&builder{ctx: context.Background(), env: env}).window(n, input, columns)
	require.NoError(t, err)
	return &guard{o}
}

// frameBounds are all pairs of bounds that a frame may have, and frameUnits all units.
var (
	frameBounds = []struct{ start, end plan.BoundKind }{
		{plan.UnboundedPreceding, plan.CurrentRow}, {plan.UnboundedPreceding, plan.UnboundedFollowing}, {plan.UnboundedPreceding, plan.Preceding},
		{plan.UnboundedPreceding, plan.Following}, {plan.Preceding, plan.CurrentRow}, {plan.Preceding, plan.Following}, {plan.Preceding, plan.Preceding},
		{plan.Preceding, plan.UnboundedFollowing}, {plan.CurrentRow, plan.CurrentRow}, {plan.CurrentRow, plan.Following},
		{plan.CurrentRow, plan.UnboundedFollowing}, {plan.Following, plan.Following}, {plan.Following, plan.UnboundedFollowing},
	}
	frameUnits = []plan.FrameUnit{plan.FrameRows, plan.FrameRange, plan.FrameGroups}
)

func TestWindowFrames(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	everySize(t, func(t *testing.T, input func(*table) *feed, random *rand.Rand) {
		for trial, b := range frameBounds {
			for _, unit := range frameUnits {
				s := newWindowSample([]int{25, 0, 16, 1}[(trial+int(unit))%4], random)
				key := plan.SortKey{Column: s.column("k"), Descending: random.IntN(2) == 0, NullsFirst: random.IntN(2) == 0}
				offset := []string{"two", "some"}[random.IntN(2)]
				n := &plan.Window{PartitionBy: []*plan.Column{s.column("p")}, OrderBy: []plan.SortKey{key}, Calls: s.calls(t)}
				random.Shuffle(len(n.Calls), func(i, j int) { n.Calls[i], n.Calls[j] = n.Calls[j], n.Calls[i] })
				n.Calls = n.Calls[:30]
				for i := range n.Calls {
					n.Calls[i].Frame = s.frame(unit, b.start, b.end, offset, key.Descending)
					n.Calls[i].Column.ID += i
				}
				want, got := s.naiveWindow(t, n), rowsOf(t, windowOf(t, n, input(s.table), s.columns, nil))
				require.Len(t, got, len(want))
				for i := range want {
					require.Equal(t, want[i], got[i], "%s by %s, %+v", n.Describe(), offset, key)
				}
			}
		}
	})
}
