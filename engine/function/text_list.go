package function

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
)

// textList collects the elements of a column of arrays of text.
type textList struct {
	offsets []int32
	data    []byte
	nulls   nullRows
	meter   *memory.Meter
	err     error // why texts were dropped, see check
}

func newTextList(env *Env) *textList { return &textList{offsets: []int32{0}, meter: meterOf(env)} }

func (l *textList) len() int { return len(l.offsets) - 1 }

func (l *textList) add(text string) {
	if len(l.data)+len(text) > cap(l.data) || len(l.offsets) == cap(l.offsets) {
		if l.err != nil || !l.makeRoom(len(text)) {
			return
		}
	}
	l.data = batch.AppendText(l.data, text)
	l.offsets = append(l.offsets, int32(len(l.data)))
}

// expect makes room for a number of texts and their total bytes.
func (l *textList) expect(texts, bytes int) {
	if l.data, l.err = withRoom(l.meter, l.data, bytes); l.err == nil {
		l.offsets, l.err = withRoom(l.meter, l.offsets, texts)
	}
}

// makeRoom makes room for another text, and accounts it.
func (l *textList) makeRoom(length int) bool {
	if l.data, l.err = withRoom(l.meter, l.data, length); l.err != nil {
		return false
	}
	l.offsets, l.err = withRoom(l.meter, l.offsets, 16)
	return l.err == nil
}

func (l *textList) addNull() {
	if l.err == nil {
		l.err = l.nulls.append(l.meter, l.len())
	}
	l.add("")
}

// addGroup adds the text of a match's group, see javaregexp.Search.FirstMatch.
func (l *textList) addGroup(text string, loc []int, group int) {
	if loc[2*group] < 0 {
		l.addNull()
		return
	}
	l.add(text[loc[2*group]:loc[2*group+1]])
}

// check fails if there are more texts than one array can hold.
func (l *textList) check() error {
	if l.err != nil {
		return l.err
	}
	if len(l.data) > math.MaxInt32 || l.len() > maxListElements {
		return errTooManyElements()
	}
	return nil
}

func (l *textList) array() arrow.Array {
	return batch.FromText(arrow.BinaryTypes.String, l.offsets, l.data, l.nulls.validity(l.len()))
}

// textsBind adapts a function that adds the texts of a row's array.
func textsBind(open func(env *Env, args []batch.Vector, out *textList) func(i int) error) Bind {
	return func(fn *types.Resolved) Kernel {
		return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
			rows, constant := rowsToCompute(args, rows)
			valid := validOf(args, rows)
			out, offsets := newTextList(env), make([]int32, rows+1)
			row := open(env, args, out)
			every := rowsBetweenLooks(args)
			for i := range rows {
				if i%every == 0 {
					if err := out.meter.Stopped(); err != nil {
						return batch.Vector{}, err
					}
				}
				if arrowdata.IsValid(valid, i) {
					if err := row(i); err != nil {
						return batch.Vector{}, err
					}
					if err := out.check(); err != nil {
						return batch.Vector{}, err
					}
				}
				offsets[i+1] = int32(out.len())
			}
			return batch.Vector{Array: batch.FromLists(offsets, valid, out.array()), Const: constant}, nil
		}
	}
}
