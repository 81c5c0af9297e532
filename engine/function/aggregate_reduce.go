package function

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

func reduceFunctions() []Function {
	return []Function{
		aggregate("reduce_agg(T, S, function(S, T, S), function(S, S, S)) -> S",
			"Puts all values one by one into a state that begins with the second argument; the last function joins two states.",
			&AggregateImpl{New: newReducer}),
	}
}

// reducer holds one state per group.
type reducer struct {
	env        *Env
	step, join Lambda
	states     cells
	refused    error // set for a state type that Trino does not support
}

func newReducer(fn *types.Resolved, env *Env, lambdas []Lambda) Accumulator {
	r := &reducer{env: env, step: lambdas[0], join: lambdas[1], states: cells{valueType: arrowtype.Of(fn.Return)}}
	if !isOneWord(fn.Return) {
		r.refused = types.Errorf(types.NotSupported, types.Pos{}, "State type not supported for reduce_agg: %s", fn.Return)
	}
	return r
}

// isOneWord reports whether Trino holds values of type t as a number, a boolean or bytes. It reduces to no other
// states.
func isOneWord(t *types.Type) bool {
	switch t.Kind {
	case types.Array, types.Map, types.Row:
		return false
	case types.Decimal:
		return t.Precision <= 18
	case types.Timestamp:
		return t.Precision <= 6
	case types.TimestampTZ:
		return t.Precision <= 3
	case types.TimeTZ:
		return t.Precision <= 9
	}
	return true
}

// Resize implements Accumulator.
func (r *reducer) Resize(groups int) { r.states.resize(groups) }

// Add implements Accumulator. It adds rows of different groups at once, rows of one group one after another.
func (r *reducer) Add(groups []int32, args []batch.Vector, rows int) error {
	if r.refused != nil {
		return r.refused
	}
	valid := validOf(args[:2], rows)
	left := make([]int32, 0, rows)
	for row := range int32(rows) {
		if arrowdata.IsValid(valid, int(row)) {
			left = append(left, row)
		}
	}
	for len(left) > 0 {
		now, later := firstOfEach(groups, left)
		left = later
		of := gatherGroups(groups, now)
		r.begin(of, args[1], now)
		if err := r.apply(r.step, of, batch.Vector{Array: batch.Expand(batch.TakeVector(args[0], now), len(now))}); err != nil {
			return err
		}
	}
	return nil
}

// firstOfEach splits rows into the first row of each group, and the others.
func firstOfEach(groups, rows []int32) (firsts, others []int32) {
	seen := make(map[int32]bool)
	for _, row := range rows {
		if seen[groups[row]] {
			others = append(others, row)
			continue
		}
		seen[groups[row]] = true
		firsts = append(firsts, row)
	}
	return firsts, others
}

func gatherGroups(groups, rows []int32) []int32 {
	out := make([]int32, len(rows))
	for i, row := range rows {
		out[i] = groups[row]
	}
	return out
}

// begin sets groups without a state to the initial one.
func (r *reducer) begin(groups []int32, initial batch.Vector, rows []int32) {
	var fresh, from []int32
	for i, group := range groups {
		if !r.states.isSet(group) {
			fresh, from = append(fresh, group), append(from, rows[i])
		}
	}
	r.states.set(fresh, initial, from)
}

// apply adds one value to the state of each of groups. The groups must be distinct.
func (r *reducer) apply(f Lambda, groups []int32, values batch.Vector) error {
	env := r.env.Metered()
	defer env.Close()
	states := make([]arrow.Array, len(groups))
	for i, group := range groups {
		a, at := r.states.get(group)
		states[i] = batch.Take(a, []int32{int32(at)})
	}
	result, err := f.Call(env, []batch.Vector{{Array: batch.Concat(states)}, values}, nil, len(groups))
	if err != nil {
		return err
	}
	rows := make([]int32, len(groups))
	for i := range rows {
		rows[i] = int32(i)
	}
	r.states.set(groups, result, rows)
	return nil
}

// Merge implements Accumulator.
func (r *reducer) Merge(other Accumulator, mapping []int32) error {
	from := other.(*reducer)
	values := from.states.values()
	var fresh, freshRows, groups, rows []int32
	for group := range from.states.at {
		switch to := mapping[group]; {
		case !from.states.isSet(int32(group)):
		case r.states.isSet(to):
			groups, rows = append(groups, to), append(rows, int32(group))
		default:
			fresh, freshRows = append(fresh, to), append(freshRows, int32(group))
		}
	}
	r.states.set(fresh, batch.Vector{Array: values}, freshRows)
	if len(groups) == 0 {
		return nil
	}
	return r.apply(r.join, groups, batch.Vector{Array: batch.Take(values, rows)})
}

// Result implements Accumulator.
func (r *reducer) Result() (arrow.Array, error) { return r.states.values(), r.refused }

// SizeBytes implements Accumulator.
func (r *reducer) SizeBytes() int64 { return r.states.sizeBytes() }
