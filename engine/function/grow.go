package function

import (
	"errors"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
)

// Kernels whose results may be larger than their arguments account memory on the statement's meter before they
// allocate. The adapters do so for them, and Take, Expand, Concat and Decode do so for the arrays that they build.
// The latter end an evaluation by batch.Fail.

// meterOf returns the meter of an evaluation, nil without one.
func meterOf(env *Env) *memory.Meter {
	if env == nil {
		return nil
	}
	return env.Meter
}

// grow accounts bytes that are about to be allocated.
func (e *Env) grow(bytes int64) {
	if err := meterOf(e).Grow(bytes); err != nil {
		batch.Fail(err)
	}
}

// positions returns an empty list with room for n positions, and accounts it.
func (e *Env) positions(n int) []int32 {
	e.grow(4 * int64(n))
	return make([]int32, 0, n)
}

// appendTimes appends number n times.
func appendTimes(list []int32, n int, number int32) []int32 {
	before := len(list)
	list = slices.Grow(list, n)[:before+n]
	for i := range list[before:] {
		list[before+i] = number
	}
	return list
}

// Up to shortList bytes a list grows by doubling; a longer one grows by a quarter, so that less memory stays
// unused.
const shortList = 256 << 10

// withRoom makes room for more elements in list, and accounts it: during the move, old and new memory are in use.
func withRoom[T any](m *memory.Meter, list []T, more int) ([]T, error) {
	if cap(list)-len(list) >= more {
		return list, nil
	}
	return movedToRoom(m, list, more)
}

func movedToRoom[T any](m *memory.Meter, list []T, more int) ([]T, error) {
	by := cap(list) / 4
	if int64(cap(list))*sizeOf[T]() < shortList {
		by = cap(list)
	}
	longer := max(len(list)+more, cap(list)+by)
	if err := m.Grow(int64(longer) * sizeOf[T]()); err != nil {
		return list, err
	}
	moved := make([]T, 0, longer)
	for rest, piece := list, movedBytes/int(sizeOf[T]()); len(rest) > 0; {
		n := min(piece, len(rest))
		moved, rest = batch.Append(moved, rest[:n]), rest[n:]
		if err := m.Stopped(); err != nil {
			return list, err
		}
	}
	return moved, m.Settle(m.Used() - int64(cap(list))*sizeOf[T]())
}

// movedBytes is how much of a list moves between two checks whether the statement has ended.
const movedBytes = 1 << 20

// inTurn is a batch.Divide that does one piece after another. Before each it checks whether the statement has
// ended.
func (e *Env) inTurn(pieces int, do func(piece int)) {
	for piece := range pieces {
		e.look()
		do(piece)
	}
}

// look ends the evaluation if the statement has ended.
func (e *Env) look() {
	if err := meterOf(e).Stopped(); err != nil {
		batch.Fail(err)
	}
}

// LookAfter is Worked for code without errors of its own: it ends the evaluation if the statement has ended.
func (e *Env) LookAfter(rows int) {
	if err := e.Worked(rows); err != nil {
		batch.Fail(err)
	}
}

// Take is batch.Take, accounted. It checks whether the statement has ended.
func (e *Env) Take(a arrow.Array, idx []int32) arrow.Array {
	if meterOf(e) != nil {
		e.grow(batch.TakenBytes(a, idx))
	}
	return batch.TakeDivided(a, idx, e.inTurn)
}

// Expand is batch.Expand, accounted.
func (e *Env) Expand(v batch.Vector, rows int) arrow.Array {
	if v.Const && meterOf(e) != nil {
		e.grow(batch.DecodedBytes(v, rows))
	}
	return batch.Expand(v, rows)
}

// Concat is batch.Concat, accounted.
func (e *Env) Concat(arrays []arrow.Array) arrow.Array {
	if len(arrays) > 1 && meterOf(e) != nil {
		for _, a := range arrays {
			e.LookAfter(a.Len())
			e.grow(batch.DecodedBytes(batch.Vector{Array: a}, a.Len()))
		}
	}
	return batch.Concat(arrays)
}

// Decode is batch.Decode, accounted.
func (e *Env) Decode(a arrow.Array) arrow.Array {
	decoded := batch.HasDictionary(a)
	if decoded && meterOf(e) != nil {
		e.grow(batch.DecodedBytes(batch.Vector{Array: a}, a.Len()))
	}
	return batch.Decode(a)
}

// Grow accounts bytes that are about to be allocated, until they are settled.
func (e *Env) Grow(bytes int64) error { return meterOf(e).Grow(bytes) }

// Held returns what the evaluation holds now, for Settle.
func (e *Env) Held() int64 { return meterOf(e).Used() }

// Settle releases what was accounted since Held returned held.
func (e *Env) Settle(held int64) error { return meterOf(e).Settle(held) }

// SettleResult makes the evaluation hold the result v in addition to held. It fails if a value of v is too long.
func (e *Env) SettleResult(held int64, v batch.Vector) error {
	m := meterOf(e)
	if m == nil {
		return nil
	}
	if err := CheckValues(v.Array, e.Limits); err != nil {
		return err
	}
	return m.Settle(held + batch.HeldBytes(v.Array))
}

// CheckValues fails if an array has a value longer than the limits allow.
func CheckValues(a arrow.Array, limits memory.Limits) error {
	if limits.MaxValueBytes <= 0 || batch.HeldBytes(a) <= limits.MaxValueBytes {
		return nil
	}
	if _, fixed := a.DataType().(arrow.FixedWidthDataType); fixed && !batch.HasDictionary(a) {
		return nil
	}
	length := batch.ValueBytes(a)
	for i := range a.Len() {
		if err := limits.CheckValue(length(i)); err != nil {
			return err
		}
	}
	return nil
}

// Stopped returns why the statement has ended, nil while it runs.
func (e *Env) Stopped() error { return meterOf(e).Stopped() }

// Worked adds rows to the work done, and calls Stopped once for every 2^16 rows.
func (e *Env) Worked(rows int) error { return meterOf(e).Worked(rows) }

// Ended returns why the statement has ended, nil while it runs. It is for callers outside an evaluation.
func (e *Env) Ended() error {
	if e == nil || e.Memory == nil {
		return nil
	}
	return e.Memory.Stopped()
}

// reserved reserves bytes outside of evaluations, until the returned function is called.
func (e *Env) reserved(bytes int64) (done func(), err error) {
	if e == nil || e.Memory == nil || bytes == 0 {
		return func() {}, nil
	}
	if err := e.Memory.Reserve(bytes); err != nil {
		return nil, err
	}
	return func() { e.Memory.Release(bytes) }, nil
}

// transiently accounts temporary bytes, such as the tree of a JSON text, until the returned function is called.
func (e *Env) transiently(bytes int64) (done func(), err error) {
	m := meterOf(e)
	if m == nil {
		return func() {}, nil
	}
	if err := m.Grow(bytes); err != nil {
		return nil, err
	}
	return func() { _ = m.Settle(m.Used() - bytes) }, nil // settling for less never fails
}

// checkLength fails if a value of the given number of bytes would be too long.
func (e *Env) checkLength(bytes int64) error {
	if m := meterOf(e); m.MaxValueBytes() > 0 {
		return m.CheckValue(bytes)
	}
	if bytes > maxResultBytes {
		return types.Errorf(types.ExceededFunctionMemory, types.Pos{}, "A value of %d bytes is too long", bytes)
	}
	return nil
}

// maxResultBytes limits a value if the statement's limits are not known.
const maxResultBytes = 64 << 20

// jsonTreeBytes estimates the memory of the values of a JSON text.
func jsonTreeBytes(text string) int64 {
	const perValue = 96
	values := 1 + strings.Count(text, ",") + strings.Count(text, ":")
	return perValue*int64(values) + int64(len(text))
}

// EndsStatement reports whether err is not the error of a value: a limit was exceeded, or the statement has ended.
func EndsStatement(err error) bool {
	var e *types.Error
	return !errors.As(err, &e) || e.IsLimit()
}
