// Package function is the Trino function library: one family per file,
// signature and kernel side by side. Registry resolves calls for the planner;
// engine/expr and engine/exec run what it resolved.
package function

import (
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
)

// Env is what a kernel may know of its statement beside its arguments.
type Env struct {
	Now      time.Time // the statement's instant
	Location *time.Location
	Zone     string
	// Memory is the account of all evaluations of the statement, Limits bound
	// their values; a nil Memory is not counted.
	Memory *memory.Account
	Limits memory.Limits
	// Numbers are those of the texts of the lake's dictionaries; nil: they have none.
	Numbers *batch.TextNumbers
	// Meter counts what the evaluation at hand holds. It is nil in the Env of a
	// statement, see Metered.
	Meter *memory.Meter
	// hidesErrors: the rows of a kernel for which it raises an error that TRY hides are NULL, see Hiding.
	hidesErrors bool
}

// Joined tells of a dictionary that it has the texts of others, end to end.
func (e *Env) Joined(dictionary arrow.Array, of []arrow.Array) {
	if e != nil {
		e.Numbers.Joined(dictionary, of)
	}
}

// Hiding returns e for a kernel whose errors TRY hides, of a function of no nested types, without lambdas and not
// called for NULL: of others an error may be of a part of a row. Kernels may raise such errors all the same.
func (e *Env) Hiding() *Env {
	if e == nil {
		return &Env{hidesErrors: true}
	}
	hiding := *e
	hiding.hidesErrors = true
	return &hiding
}

// showing returns e with errors that are raised.
func (e *Env) showing() *Env {
	if !e.IsHiding() {
		return e
	}
	showing := *e
	showing.hidesErrors = false
	return &showing
}

// IsHiding reports whether e is one of Hiding.
func (e *Env) IsHiding() bool { return e != nil && e.hidesErrors }

// IsHidden reports whether err is one of the four errors that TRY hides.
func IsHidden(err error) bool {
	switch types.ErrorName(err) {
	case types.DivisionByZero, types.InvalidCastArgument, types.InvalidFunctionArgument, types.NumericValueOutOfRange:
		return true
	}
	return false
}

// isNull reports whether the error of a row makes a NULL of it.
func (e *Env) isNull(err error) bool { return err == errNull || e.IsHiding() && IsHidden(err) }

// Metered returns the Env of one evaluation, whose meter the caller closes.
func (e *Env) Metered() *Env {
	if e == nil || e.Memory == nil {
		return e
	}
	metered := *e
	metered.Meter = e.Memory.Meter(e.Limits.MaxValueBytes)
	return &metered
}

// Close gives back what the evaluation held.
func (e *Env) Close() {
	if e != nil {
		e.Meter.Close()
	}
}

// Kernel computes a scalar function for rows dense rows: each argument is an
// array of rows values or a Const vector; the result has rows values (or is
// Const when every argument is). Selections are applied before a kernel runs,
// so every row counts and an error is the statement's error. Arguments may be
// dictionary-encoded strings only when the Impl says Dictionary.
// A kernel counts what it makes on env's meter as it grows; what it returns is
// counted by its caller.
// Lambdas come beside the arguments, nil where an argument is not a lambda.
type Kernel func(env *Env, args []batch.Vector, lambdas []Lambda, rows int) (batch.Vector, error)

// Lambda is a compiled lambda body; engine/expr implements it.
type Lambda interface {
	// Call evaluates the body for rows rows. params are the parameters'
	// arrays; outer[i] is the row of the enclosing batch whose captured columns
	// row i sees.
	Call(env *Env, params []batch.Vector, outer []int32, rows int) (batch.Vector, error)
}

// Impl is what Resolved.Impl holds for a scalar function.
type Impl struct {
	Kernel Kernel
	// Dictionary: the kernel takes dictionary arrays. Otherwise, when the only
	// non-constant argument is one, the caller runs the kernel over the
	// dictionary's values once and maps the codes; else it decodes.
	Dictionary bool
	// ReadsCodes: the caller need not decode dictionaries whose values it cannot run the kernel over.
	ReadsCodes bool
}

// Accumulator is the state of one aggregate function over many groups. Group
// numbers are dense from 0. It is used by one goroutine at a time.
type Accumulator interface {
	// Resize makes room for groups groups; new ones are empty. It never shrinks.
	Resize(groups int)
	// Add takes rows dense rows; groups[i] is row i's group. Arguments may be
	// dictionary-encoded strings or Const.
	Add(groups []int32, args []batch.Vector, rows int) error
	// Merge adds other, of the same function, whose group i is group mapping[i] here.
	Merge(other Accumulator, mapping []int32) error
	// Result returns one value per group. Texts, and those in arrays, may have a dictionary.
	Result() (arrow.Array, error)
	// SizeBytes estimates the memory held.
	SizeBytes() int64
}

// DivideResult divides the work of a state's Result, where that is work that can be.
func DivideResult(state Accumulator, by batch.Divide) {
	if d, ok := state.(interface{ divideResult(by batch.Divide) }); ok {
		d.divideResult(by)
	}
}

// AggregateImpl is what Resolved.Impl holds for an aggregate function.
type AggregateImpl struct {
	New func(fn *types.Resolved, env *Env, lambdas []Lambda) Accumulator
}

// MergesExactly reports whether merging the states of any parts of the rows, in
// any order, gives exactly what one state gives to which all rows are added. The
// states of floating-point sums, say, do not.
func MergesExactly(state Accumulator) bool {
	_, ok := state.(exact)
	return ok
}

// MergesInOrder reports whether merging the states of the parts of the rows, in
// the order of the parts, gives exactly what one state gives to which all rows
// are added. isConstant tells whether all rows have the same value of an
// argument.
func MergesInOrder(state Accumulator, isConstant func(argument int) bool) bool {
	if m, ok := state.(interface {
		mergesInOrder(isConstant func(argument int) bool) bool
	}); ok {
		return m.mergesInOrder(isConstant)
	}
	return MergesExactly(state)
}

// RepeatArguments returns by how many of its first arguments a row repeats one that its group had before, and makes
// no difference to the group; 0: every row may make one.
func RepeatArguments(state Accumulator) int {
	if r, ok := state.(interface{ repeatArguments() int }); ok {
		return r.repeatArguments()
	}
	return 0
}

// RepeatCounter is an Accumulator that only counts equal rows.
type RepeatCounter interface {
	Accumulator
	// AddCounted is Add of rows of which each stands for so many, counts[i], of its group that have equal arguments.
	// It comes where the first of them would.
	AddCounted(groups []int32, args []batch.Vector, counts []int64, rows int) error
}

// exactly marks an aggregate of which MergesExactly is true.
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
