// Package function is the Trino function library: one family per file, signatures together with their kernels.
// Registry resolves calls for the planner; engine/expr and engine/exec run the resolved functions.
package function

import (
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
)

// Env is what a kernel knows about its statement besides its arguments.
type Env struct {
	Now      time.Time // the statement's instant
	Location *time.Location
	Zone     string
	// Memory is the account of all evaluations of the statement; nil: it is not accounted. Limits bound the values.
	Memory *memory.Account
	Limits memory.Limits
	// Numbers holds the numbers of the texts of the lake's dictionaries; nil: they have none.
	Numbers *batch.TextNumbers
	// Meter accounts what the current evaluation holds. It is nil in the Env of a statement, see Metered.
	Meter *memory.Meter
	// hidesErrors: a kernel returns NULL for rows that raise an error that TRY hides, see Hiding.
	hidesErrors bool
}

// Joined notes that a dictionary is the concatenation of the texts of other dictionaries.
func (e *Env) Joined(dictionary arrow.Array, of []arrow.Array) {
	if e != nil {
		e.Numbers.Joined(dictionary, of)
	}
}

// Hiding returns an Env for a kernel whose errors TRY hides. The function must not have nested types or lambdas,
// nor be called for NULL: else an error may concern only a part of a row. Kernels may still raise such errors.
func (e *Env) Hiding() *Env {
	if e == nil {
		return &Env{hidesErrors: true}
	}
	hiding := *e
	hiding.hidesErrors = true
	return &hiding
}

// showing returns e with errors raised instead of hidden.
func (e *Env) showing() *Env {
	if !e.IsHiding() {
		return e
	}
	showing := *e
	showing.hidesErrors = false
	return &showing
}

// IsHiding reports whether Hiding returned e.
func (e *Env) IsHiding() bool { return e != nil && e.hidesErrors }

// IsHidden reports whether err is one of the four errors that TRY hides.
func IsHidden(err error) bool {
	switch types.ErrorName(err) {
	case types.DivisionByZero, types.InvalidCastArgument, types.InvalidFunctionArgument, types.NumericValueOutOfRange:
		return true
	}
	return false
}

// isNull reports whether the error of a row makes the row NULL.
func (e *Env) isNull(err error) bool { return err == errNull || e.IsHiding() && IsHidden(err) }

// Metered returns the Env of one evaluation. The caller closes it.
func (e *Env) Metered() *Env {
	if e == nil || e.Memory == nil {
		return e
	}
	metered := *e
	metered.Meter = e.Memory.Meter(e.Limits.MaxValueBytes)
	return &metered
}

// Close releases what the evaluation held.
func (e *Env) Close() {
	if e != nil {
		e.Meter.Close()
	}
}

// Kernel computes a scalar function for rows dense rows. Each argument is an array of rows values or a Const
// vector; the result has rows values, or is Const if every argument is. Selections are applied before a kernel
// runs, so every row counts and an error is the statement's error. Arguments may be dictionary-encoded strings only
// if the Impl allows it. lambdas[i] is nil if argument i is not a lambda. A kernel accounts its memory on env's
// meter as it grows; the caller accounts the result.
type Kernel func(env *Env, args []batch.Vector, lambdas []Lambda, rows int) (batch.Vector, error)

// Lambda is a compiled lambda body; engine/expr implements it.
type Lambda interface {
	// Call evaluates the body for rows rows. params are the parameters' arrays. Row i sees the captured columns of
	// row outer[i] of the enclosing batch.
	Call(env *Env, params []batch.Vector, outer []int32, rows int) (batch.Vector, error)
}

// Impl is what Resolved.Impl holds for a scalar function.
type Impl struct {
	Kernel Kernel
	// Dictionary: the kernel takes dictionary arrays. Otherwise, if the only non-constant argument is one, the
	// caller runs the kernel once over the dictionary's values and maps the codes; else it decodes.
	Dictionary bool
	// ReadsCodes: the caller need not decode dictionaries if it cannot run the kernel over their values.
	ReadsCodes bool
}

// Accumulator is the state of one aggregate function over many groups, which are numbered from 0 without gaps. It
// is not safe for concurrent use.
type Accumulator interface {
	// Resize makes room for groups groups; new ones are empty. It never shrinks.
	Resize(groups int)
	// Add adds rows dense rows; groups[i] is row i's group. Arguments may be dictionary-encoded strings or Const.
	Add(groups []int32, args []batch.Vector, rows int) error
	// Merge adds other, a state of the same function; its group i is group mapping[i] here.
	Merge(other Accumulator, mapping []int32) error
	// Result returns one value per group. Texts, and those in arrays, may have a dictionary.
	Result() (arrow.Array, error)
	// SizeBytes estimates the memory held.
	SizeBytes() int64
}

// DivideResult lets a state divide the work of Result with by, if it can.
func DivideResult(state Accumulator, by batch.Divide) {
	if d, ok := state.(interface{ divideResult(by batch.Divide) }); ok {
		d.divideResult(by)
	}
}

// AggregateImpl is what Resolved.Impl holds for an aggregate function.
type AggregateImpl struct {
	New func(fn *types.Resolved, env *Env, lambdas []Lambda) Accumulator
}

// MergesExactly reports whether merging the states of any parts of the rows, in any order, gives exactly the state
// of all rows. The states of floating-point sums, for example, do not.
func MergesExactly(state Accumulator) bool {
	_, ok := state.(exact)
	return ok
}

// MergesInOrder reports whether merging the states of parts of the rows, in order, gives exactly the state of all
// rows. isConstant reports whether all rows have the same value of an argument.
func MergesInOrder(state Accumulator, isConstant func(argument int) bool) bool {
	if m, ok := state.(interface {
		mergesInOrder(isConstant func(argument int) bool) bool
	}); ok {
		return m.mergesInOrder(isConstant)
	}
	return MergesExactly(state)
}

// RepeatArguments returns a number of first arguments. A row that agrees in these with an earlier row of its group
// does not change the result. 0: every row may change it.
func RepeatArguments(state Accumulator) int {
	if r, ok := state.(interface{ repeatArguments() int }); ok {
		return r.repeatArguments()
	}
	return 0
}

// RepeatCounter is an Accumulator that only counts equal rows.
type RepeatCounter interface {
	Accumulator
	// AddCounted is Add for rows that each stand for counts[i] rows of its group with equal arguments. A row comes
	// at the position of the first of them.
	AddCounted(groups []int32, args []batch.Vector, counts []int64, rows int) error
}

// exactly marks an aggregate for MergesExactly.
func exactly(impl *AggregateImpl) *AggregateImpl {
	return &AggregateImpl{New: func(fn *types.Resolved, env *Env, lambdas []Lambda) Accumulator {
		return exact{impl.New(fn, env, lambdas)}
	}}
}

type exact struct{ Accumulator }

// Merge implements Accumulator.
func (e exact) Merge(other Accumulator, mapping []int32) error {
	return e.Accumulator.Merge(other.(exact).Accumulator, mapping)
}

// divideResult implements DivideResult.
func (e exact) divideResult(by batch.Divide) { DivideResult(e.Accumulator, by) }
