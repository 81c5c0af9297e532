package function

import (
	"math"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
)

// appendBind adapts a function that never fails: open returns what appends the text of row i, which has no NULL among
// its arguments. Those of all rows are expected to take bytesOf bytes. They are written where they stay.
func appendBind(bytesOf func(args []batch.Vector, rows int) int64, open func(args []batch.Vector) func(dst []byte, i int) []byte) Bind {
	return appendBindErr(bytesOf, func(args []batch.Vector) func([]byte, int) ([]byte, error) {
		appendTo := open(args)
		return func(dst []byte, i int) ([]byte, error) { return appendTo(dst, i), nil }
	})
}

// appendBindErr is appendBind of a function that may fail, or give errNull; what it has appended then is forgotten.
func appendBindErr(bytesOf func(args []batch.Vector, rows int) int64, open func(args []batch.Vector) func(dst []byte, i int) ([]byte, error)) Bind {
	return appendBindEnv(bytesOf, func(_ *Env, args []batch.Vector) func([]byte, int) ([]byte, error) { return open(args) })
}

// appendBindEnv is appendBindErr of a function that needs the statement.
func appendBindEnv(bytesOf func(args []batch.Vector, rows int) int64, open func(env *Env, args []batch.Vector) func(dst []byte, i int) ([]byte, error)) Bind {
	return func(fn *types.Resolved) Kernel {
		dt := arrowOf(fn)
		return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
			rows, constant := rowsToCompute(args, rows)
			done, err := env.transiently(scratchBytes(args))
			if err != nil {
				return batch.Vector{}, err
			}
			defer done()
			a, err := appendedTexts(env, dt, args, validOf(args, rows), rows, bytesOf(args, rows), open(env, args))
			return batch.Vector{Array: a, Const: constant}, err
		}
	}
}

// appendedTexts makes the text of each row that is valid by appendTo, which may give errNull. Those of all rows are
// expected to take so many bytes.
func appendedTexts(env *Env, dt arrow.DataType, args []batch.Vector, valid []byte, rows int, bytes int64, appendTo func(dst []byte, i int) ([]byte, error)) (arrow.Array, error) {
	texts, err := newAppended(meterOf(env), rows, bytes)
	if err != nil {
		return nil, err
	}
	valid, err = texts.appendRows(env, args, valid, appendTo)
	if err != nil {
		return nil, err
	}
	return texts.array(dt, valid)
}

// appended are texts that are written one behind the other.
type appended struct {
	meter    *memory.Meter
	offsets  []int32
	data     []byte
	expected int64 // bytes of data
	held     int64 // of data, as meter knows
	longest  int   // of the texts
}

// newAppended makes room for texts of about so many bytes.
func newAppended(meter *memory.Meter, rows int, bytes int64) (*appended, error) {
	bytes = min(bytes, math.MaxInt32)
	if err := meter.Grow(int64(rows)*sizeOf[int32]() + bytes); err != nil {
		return nil, err
	}
	return &appended{meter: meter, offsets: make([]int32, rows+1), data: make([]byte, 0, bytes), expected: bytes, held: bytes}, nil
}

// appendRows appends the text of each row that is valid, and looks from time to time, as long as args have it take.
// It returns which rows have a text.
func (t *appended) appendRows(env *Env, args []batch.Vector, valid []byte, appendTo func(dst []byte, i int) ([]byte, error)) ([]byte, error) {
	every, rows := rowsBetweenLooks(args), len(t.offsets)-1
	owned := false // valid may be shared with an argument
	for i := range rows {
		if i%every == 0 || int64(len(t.data)) > t.held {
			if err := t.look(); err != nil {
				return nil, err
			}
		}
		if arrowdata.IsValid(valid, i) {
			if room := cap(t.data) - len(t.data); room < t.longest && int64(cap(t.data)) > max(t.expected, shortList) {
				if err := t.makeRoom(); err != nil {
					return nil, err
				}
			}
			longer, err := appendTo(t.data, i)
			switch {
			case err == nil:
				t.longest = max(t.longest, len(longer)-len(t.data))
				t.data = longer
			case !env.isNull(err):
				return nil, err
			default:
				if !owned {
					valid, owned = ownValidity(valid, rows), true
				}
				arrowdata.ClearBit(valid, i)
			}
		}
		t.offsets[i+1] = int32(len(t.data))
	}
	return valid, nil
}

// makeRoom makes room for a text as long as the longest so far, and counts it first: while the texts move, old and
// new memory are there. Texts that take what was expected do not move.
func (t *appended) makeRoom() error {
	if err := t.look(); err != nil {
		return err
	}
	data, err := movedToRoom(t.meter, t.data, t.longest)
	t.data, t.held = data, int64(cap(data))
	return err
}

// look counts what the texts have grown by, and looks whether the statement has ended.
func (t *appended) look() error {
	if len(t.data) > math.MaxInt32 {
		return batch.TooBig("text")
	}
	if grown := int64(cap(t.data)) - t.held; grown > 0 {
		t.held += grown
		if err := t.meter.Grow(grown); err != nil {
			return err
		}
	}
	return t.meter.Stopped()
}

// array returns the texts. Room that they were expected to take, and do not, is not kept with them.
func (t *appended) array(dt arrow.DataType, valid []byte) (arrow.Array, error) {
	if err := t.look(); err != nil {
		return nil, err
	}
	const mostSpare = 4 << 10
	if spare := cap(t.data) - len(t.data); spare > mostSpare && spare > len(t.data)/4 {
		t.data = slices.Clone(t.data)
	}
	return batch.FromText(dt, t.offsets, t.data, valid), nil
}

// textBytes is what the texts or bytes of v take, those under NULLs, too.
func textBytes(v batch.Vector) int64 { return textColumnOf(v).bytes() }

// eachTakes is for texts of which each takes so many bytes.
func eachTakes(bytes int) func(args []batch.Vector, rows int) int64 {
	return func(_ []batch.Vector, rows int) int64 { return int64(rows) * int64(bytes) }
}
