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

// appendBind adapts a function that never fails. open returns a function that appends the text of row i, which has
// no NULL argument. bytesOf estimates the bytes of all texts. They are written directly to their final memory.
func appendBind(bytesOf func(args []batch.Vector, rows int) int64, open func(args []batch.Vector) func(dst []byte, i int) []byte) Bind {
	return appendBindErr(bytesOf, func(args []batch.Vector) func([]byte, int) ([]byte, error) {
		appendTo := open(args)
		return func(dst []byte, i int) ([]byte, error) { return appendTo(dst, i), nil }
	})
}

// appendBindErr is appendBind for a function that may fail or return errNull; what it has appended is then
// discarded.
func appendBindErr(bytesOf func(args []batch.Vector, rows int) int64, open func(args []batch.Vector) func(dst []byte, i int) ([]byte, error)) Bind {
	return appendBindEnv(bytesOf, func(_ *Env, args []batch.Vector) func([]byte, int) ([]byte, error) { return open(args) })
}

// appendBindEnv is appendBindErr for a function that needs the statement.
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

// appendedTexts returns the texts that appendTo appends for each valid row; appendTo may return errNull. bytes is
// the expected length of all texts.
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

// appended holds texts that are written one after another.
type appended struct {
	meter    *memory.Meter
	offsets  []int32
	data     []byte
	expected int64 // bytes of data
	held     int64 // bytes of data accounted on meter
	longest  int   // length of the longest text
}

// newAppended allocates memory for texts of about the given number of bytes.
func newAppended(meter *memory.Meter, rows int, bytes int64) (*appended, error) {
	bytes = min(bytes, math.MaxInt32)
	if err := meter.Grow(int64(rows)*sizeOf[int32]() + bytes); err != nil {
		return nil, err
	}
	return &appended{meter: meter, offsets: make([]int32, rows+1), data: make([]byte, 0, bytes), expected: bytes, held: bytes}, nil
}

// appendRows appends the text of each valid row. It checks for the statement's end as often as args require. It
// returns the rows that have a text.
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

// makeRoom makes room for a text as long as the longest so far. It first accounts the memory: while the texts move,
// old and new memory are both in use. Texts within the expected length do not move.
func (t *appended) makeRoom() error {
	if err := t.look(); err != nil {
		return err
	}
	data, err := movedToRoom(t.meter, t.data, t.longest)
	t.data, t.held = data, int64(cap(data))
	return err
}

// look accounts the growth of the texts, and checks whether the statement has ended.
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

// array returns the texts. It releases expected memory that they do not use.
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

// textBytes returns the bytes of the texts or byte strings of v, including those under NULLs.
func textBytes(v batch.Vector) int64 { return textColumnOf(v).bytes() }

// eachTakes estimates bytes for each text.
func eachTakes(bytes int) func(args []batch.Vector, rows int) int64 {
	return func(_ []batch.Vector, rows int) int64 { return int64(rows) * int64(bytes) }
}
