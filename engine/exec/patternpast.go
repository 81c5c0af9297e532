package exec

import (
	"encoding/binary"
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
)

// patternPast distinguishes ways by what later conditions ask of their rows.
//
// LAST(A.x) depends on the last row matched as A, an aggregate on all of them. What a condition asks of a path is a
// feature. Its state is a number that is equal for paths with the same answer. A nil *patternPast means that no
// condition asks about earlier rows.
type patternPast struct {
	list   []pastFeature
	atStep []int   // by step: index into sets of the features that matter from it on
	sets   [][]int // features

	states   map[pastState]int32
	contents []string           // by id of the state
	pairs    map[[2]int32]int32 // ids of combined states
}

// pastKind says which rows a feature keeps.
type pastKind uint8

const (
	allRows   pastKind = iota
	lastRows           // the last count
	nthRow             // the count-th; until there is one, paths are equal, as in Trino
	maxRecent = 16     // limit of count in lastRows; above it allRows, which keeps more paths apart
)

type pastFeature struct {
	kind          pastKind
	count         int
	labels        []bool // variables whose rows count; nil: all
	places, names bool   // whether the position and the variable of a row matter
}

// pastState identifies a state.
type pastState struct {
	feature int32
	content string
}

// newPatternPast returns what the conditions, by variable, ask of earlier rows. settled reports whether a
// variable's condition is known for every row, so that it asks nothing. nil: they all ask nothing.
func newPatternPast(program *patternProgram, conditions []*patternExpr, settled func(v int) bool, classifier *plan.Column) *patternPast {
	p := &patternPast{}
	asks := make([][]int, len(conditions))
	for v, x := range conditions {
		if x.expr == nil || settled(v) {
			continue
		}
		for _, value := range x.values {
			if f, ok := featureOf(value, v, classifier); ok {
				asks[v] = append(asks[v], p.featureAt(f))
			}
		}
	}
	if len(p.list) == 0 {
		return nil
	}
	p.placeFeatures(program, asks)
	return p
}

// featureOf returns what a value asks of the rows before the one tried as v; false: nothing.
func featureOf(value *patternValue, v int, classifier *plan.Column) (f pastFeature, ok bool) {
	f = pastFeature{labels: value.labels, count: int(min(value.Offset, 1<<30)) + 1, kind: lastRows}
	takesTried := f.labels == nil || f.labels[v]
	switch value.Kind {
	case plan.MatchNumber:
		return f, false
	case plan.PatternAggregate:
		f.kind, f.places = allRows, f.labels != nil
		for _, arg := range value.Args {
			plan.FreeColumns(arg, func(c *plan.Column) { f.names = f.names || c.ID == classifier.ID })
		}
		return f, f.places || f.names
	case plan.NavigatedColumn:
		f.places = true
		if f.labels == nil {
			return f, false // the same row for all ways
		}
	case plan.NavigatedClassifier:
		f.names = true
		switch {
		case value.Physical == 0:
		case f.labels == nil && !value.First && value.Physical < 0:
			f.count += int(min(-value.Physical, 1<<30))
		default:
			return pastFeature{kind: allRows, names: true}, true
		}
	}
	if value.First {
		f.kind = nthRow
		return f, true
	}
	if takesTried {
		f.count--
	}
	if f.count > maxRecent {
		f.kind = allRows
	}
	return f, f.count > 0
}

func (p *patternPast) featureAt(f pastFeature) int {
	at := slices.IndexFunc(p.list, func(o pastFeature) bool {
		return o.kind == f.kind && o.count == f.count && o.places == f.places && o.names == f.names &&
			slices.Equal(o.labels, f.labels) && (o.labels == nil) == (f.labels == nil)
	})
	if at < 0 {
		at = len(p.list)
		p.list = append(p.list, f)
	}
	return at
}

// placeFeatures finds for each step the features that matter from it on: those of the variables reachable from it.
func (p *patternPast) placeFeatures(program *patternProgram, asks [][]int) {
	reached := make([][]bool, len(program.steps))
	for i := range reached {
		reached[i] = make([]bool, len(p.list))
		if s := program.steps[i]; s.op == opRow {
			for _, f := range asks[s.arg] {
				reached[i][f] = true
			}
		}
	}
	for changed := true; changed; {
		changed = false
		for i := len(program.steps) - 1; i >= 0; i-- {
			s := program.steps[i]
			if s.op == opMatch {
				continue
			}
			changed = include(reached[i], reached[s.next]) || changed
			if s.op == opSplit {
				changed = include(reached[i], reached[s.other]) || changed
			}
		}
	}
	at := map[string]int{}
	p.atStep = make([]int, len(reached))
	for i, marks := range reached {
		var set []int
		var key []byte
		for f, marked := range marks {
			if marked {
				set, key = append(set, f), binary.AppendUvarint(key, uint64(f))
			}
		}
		if _, ok := at[string(key)]; !ok {
			at[string(key)] = len(p.sets)
			p.sets = append(p.sets, set)
		}
		p.atStep[i] = at[string(key)]
	}
}

// include adds the marks of from to those of to, and reports whether any was new.
func include(to, from []bool) (changed bool) {
	for i, marked := range from {
		if marked && !to[i] {
			to[i], changed = true, true
		}
	}
	return changed
}

// begin drops all states, as a new start has new paths.
func (p *patternPast) begin() {
	if p == nil {
		return
	}
	p.states, p.pairs = map[pastState]int32{}, map[[2]int32]int32{}
	p.contents = append(p.contents[:0], "") // state 0: no row
}

// next returns the states of a path that is extended by a row.
func (p *patternPast) next(path *matchedRow, row int32, label int) []int32 {
	if p == nil {
		return nil
	}
	states := make([]int32, len(p.list))
	if path != nil {
		copy(states, path.states)
	}
	for i, f := range p.list {
		if f.labels == nil || f.labels[label] {
			states[i] = p.state(int32(i), f, states[i], row, label)
		}
	}
	return states
}

func (p *patternPast) state(feature int32, f pastFeature, state, row int32, label int) int32 {
	var entry []byte
	if f.places {
		entry = binary.BigEndian.AppendUint32(entry, uint32(row))
	}
	if f.names {
		entry = binary.BigEndian.AppendUint16(entry, uint16(label))
	}
	content := p.contents[state]
	switch f.kind {
	case allRows:
		content = string(binary.BigEndian.AppendUint32(entry, uint32(state)))
	case lastRows:
		content += string(entry)
		content = content[max(0, len(content)-f.count*len(entry)):]
	case nthRow:
		if isNth(content) {
			return state
		}
		count, _ := binary.Uvarint([]byte(content))
		if content = string(binary.AppendUvarint(nil, count+1)); int(count)+1 == f.count {
			content = nthMark + string(entry)
		}
	}
	key := pastState{feature, content}
	if _, ok := p.states[key]; !ok {
		p.states[key] = int32(len(p.contents))
		p.contents = append(p.contents, content)
	}
	return p.states[key]
}

// nthMark begins the content of a state that has its row. No count begins with it.
const nthMark = "\x00"

func isNth(content string) bool { return len(content) > 0 && content[:1] == nthMark }

// of returns a number that is equal for two paths of the same length if they mean the same to the conditions from
// step on.
func (p *patternPast) of(path *matchedRow, step int) int32 {
	if p == nil || path == nil {
		return 0
	}
	all := int32(0)
	for _, f := range p.sets[p.atStep[step]] {
		state := path.states[f]
		if p.list[f].kind == nthRow && !isNth(p.contents[state]) {
			state = 0
		}
		key := [2]int32{all, state}
		if _, ok := p.pairs[key]; !ok {
			p.pairs[key] = int32(len(p.pairs)) + 1
		}
		all = p.pairs[key]
	}
	return all
}

// features returns the number of states per path.
func (p *patternPast) features() int {
	if p == nil {
		return 0
	}
	return len(p.list)
}

// interned returns the number of states and combinations kept.
func (p *patternPast) interned() int {
	if p == nil {
		return 0
	}
	return len(p.contents) + len(p.pairs)
}
