package expr

import (
	"slices"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/types"
)

// call runs a scalar function.
type call struct {
	fn      *types.Resolved
	pos     types.Pos // the call's position in the statement; zero if unknown
	impl    *function.Impl
	returns arrow.DataType
	args    []node // nil for a lambda
	fixed   []bool // the argument is a constant of the plan
	lambdas []boundAt
	answers answers // of the call or of chain
	chain   *chain  // the chain that ends with this call, nil if there is none
	// codesLists: lists of texts may be lists of dictionary codes, because the reader uses only their elements.
	codesLists bool
	// isByRow: rows had too many combinations of arguments, or the call failed for one of them. isUnchained: the
	// chain had no dictionary, or failed for values that rows have. isPartial: the call or the chain failed for a
	// value of a dictionary.
	isByRow, isUnchained, isPartial atomic.Bool
}

type boundAt struct {
	position int
	lambda   *lambda
}

// dictionaryAnswer holds a function's value for each value of a dictionary.
type dictionaryAnswer struct {
	dictionary arrow.ArrayData
	values     batch.Vector
	// present marks the texts that are not NULL, nil if none is. The text in values at a NULL is meaningless.
	present []byte
	// truth is set if values are booleans without NULLs: 1 for each value that is true. isAnyTrue: at least one is.
	truth     []byte
	isAnyTrue bool
}

func newAnswer(values batch.Vector) *dictionaryAnswer {
	n := &dictionaryAnswer{values: values}
	if texts, ok := values.Array.(*array.String); ok && !values.Const && texts.NullN() > 0 {
		n.present, n.values.Array = arrowdata.Validity(texts), withoutNulls(texts)
		return n
	}
	b, ok := values.Array.(*array.Boolean)
	if !ok || values.Const || b.NullN() > 0 {
		return n
	}
	n.truth = make([]byte, b.Len())
	for i, isTrue := range batch.Bools(b) {
		if isTrue {
			n.truth[i], n.isAnyTrue = 1, true
		}
	}
	return n
}

// A dictionary with more than maxDictionaryRatio times the rows of the batch is not evaluated as a whole.
const maxDictionaryRatio = 4

// maxKeptAnswerBytes limits the bytes of the answers that a call caches for the next batch. They are not accounted.
const maxKeptAnswerBytes = 2 << 20

// eval accounts the result as held by the call, and releases the memory that only the computation needed.
func (n *call) eval(f *frame) (batch.Vector, error) {
	if err := f.env.Worked(f.rows); err != nil {
		return batch.Vector{}, err
	}
	held := f.env.Held()
	v, err := n.compute(f)
	if err != nil {
		return v, err
	}
	return v, f.env.SettleResult(held, v)
}

func (n *call) compute(f *frame) (batch.Vector, error) {
	if n.chain != nil {
		if v, ok, err := n.overChain(f); ok || err != nil {
			return v, err
		}
	}
	args, isNull, err := n.evalArgs(f)
	if err != nil || isNull {
		return batch.Vector{Array: batch.Nulls(n.returns, 1), Const: true}, err
	}
	return n.apply(f, args)
}

// evalArgs computes the arguments. isNull: an argument is NULL for all rows, and so is the function's result.
func (n *call) evalArgs(f *frame) (args []batch.Vector, isNull bool, err error) {
	args = make([]batch.Vector, len(n.args))
	for i, a := range n.args {
		if a == nil {
			continue
		}
		v, err := a.eval(f)
		if err != nil && !n.fn.NullCalled {
			v, err = evalBesideNulls(f, a, arrowtype.Of(n.fn.Args[i]), args[:i], err)
		}
		if err != nil {
			return nil, false, err
		}
		if v.Const && !n.fn.NullCalled && arrowdata.IsNull(v.Array, 0) {
			return nil, true, nil
		}
		args[i] = v
	}
	return args, false, nil
}

// apply computes the function for the arguments.
func (n *call) apply(f *frame, args []batch.Vector) (batch.Vector, error) {
	lambdas, perRow := n.bindLambdas(f)
	if perRow || n.fn.NonDeterministic {
		for i, a := range args {
			if a.Const {
				args[i] = batch.Vector{Array: f.env.Expand(a, f.rows)}
			}
		}
	}
	if !n.impl.Dictionary {
		if v, ok, err := n.overDictionary(f, args, lambdas, perRow); ok || err != nil {
			return v, err
		}
		if v, ok, err := n.overCombinations(f, args, lambdas, perRow); ok || err != nil {
			return v, err
		}
		for i, a := range args {
			if a.Array != nil && !n.impl.ReadsCodes {
				args[i].Array = f.env.Decode(a.Array)
			}
		}
	}
	v, err := n.impl.Kernel(f.env, args, lambdas, f.rows)
	if err != nil {
		err = n.named(err)
	}
	return v, err
}

// named adds the function's name and position to an error that TRY hides. It returns other errors unchanged, and
// also those that an inner function has already named.
func (n *call) named(err error) error {
	failed, ok := err.(*types.Error)
	if !ok || failed.Failed != nil || failed.MissingKey != nil || !function.IsHidden(err) {
		return err
	}
	out := *failed
	out.Failed = &types.FailedFunction{Name: n.fn.Name, Pos: n.pos}
	return &out
}

// bindLambdas binds the lambdas to a frame. It also reports whether a lambda captures columns: the result may then
// differ from row to row though all other arguments are constant.
func (n *call) bindLambdas(f *frame) (lambdas []function.Lambda, perRow bool) {
	if n.lambdas == nil {
		return make([]function.Lambda, len(n.args)), false
	}
	lambdas = make([]function.Lambda, len(n.args))
	for _, l := range n.lambdas {
		lambdas[l.position] = l.lambda.bind(f)
		perRow = perRow || l.lambda.captures
	}
	return lambdas, perRow
}

// overDictionary computes the function once per dictionary value if its only argument that varies is a dictionary
// column. It declines if the result could differ from computing row by row. The function then runs over the rows,
// so that a value that no row has cannot raise its error.
func (n *call) overDictionary(f *frame, args []batch.Vector, lambdas []function.Lambda, perRow bool) (batch.Vector, bool, error) {
	p, ok := onlyVarying(args)
	if !ok || perRow || n.fn.NonDeterministic {
		return batch.Vector{}, false, nil
	}
	column, ok := args[p].Array.(*array.Dictionary)
	if !ok || n.fn.NullCalled && column.NullN() > 0 {
		return batch.Vector{}, false, nil
	}
	dictionary := column.Dictionary()
	codes, valid := batch.Codes(column), arrowdata.Validity(column)
	if answer := n.answers.find(dictionary.Data()); answer != nil {
		return n.spread(answer, f.env, codes, valid, dictionary.Len())
	}
	if dictionary.Len() > maxDictionaryRatio*f.rows || n.isPartial.Load() && !f.env.IsHiding() {
		return batch.Vector{}, false, nil
	}
	compute := computeAlone
	if n.repeatable(p) {
		compute = n.answers.compute
	}
	answer, err := compute(f.env, dictionary, func(values arrow.Array) (batch.Vector, error) {
		inner := slices.Clone(args)
		inner[p] = batch.Vector{Array: values}
		return n.impl.Kernel(f.env, inner, lambdas, values.Len())
	})
	if err != nil {
		n.isPartial.Store(true) // for the next dictionary, too
		return batch.Vector{}, false, f.env.Stopped()
	}
	return n.spread(answer, f.env, codes, valid, dictionary.Len())
}

// bytes returns the size of the answer.
func (n *dictionaryAnswer) bytes() int64 {
	return batch.ArrayBytes(n.values.Array) + int64(len(n.truth))
}

// repeatable reports whether all arguments but p are the same for every batch.
func (n *call) repeatable(p int) bool {
	for i := range n.args {
		if i != p && !n.fixed[i] {
			return false
		}
	}
	return len(n.lambdas) == 0
}

// onlyVarying returns the position of the only argument that is not Const. ok is false if there is not exactly one.
func onlyVarying(args []batch.Vector) (p int, ok bool) {
	p = -1
	for i, a := range args {
		if a.Array == nil || a.Const {
			continue
		}
		if p >= 0 {
			return 0, false
		}
		p = i
	}
	return p, p >= 0
}

// spread maps an answer to rows, as dictionaryAnswer.spread does, or as lists of codes. It never declines.
func (n *call) spread(answer *dictionaryAnswer, env *function.Env, codes []int32, valid []byte, number int) (batch.Vector, bool, error) {
	if n.codesLists {
		lists, err := answer.spreadCodedLists(env, codes, valid)
		if lists != nil || err != nil {
			return batch.Vector{Array: lists}, true, err
		}
	}
	return answer.spread(env, codes, valid, number), true, nil
}

// spread maps the answers for number values to the rows that have these values. Rows that are not valid become
// NULL.
func (n *dictionaryAnswer) spread(env *function.Env, codes []int32, valid []byte, number int) batch.Vector {
	if n.values.Const && valid == nil {
		return n.values
	}
	if n.truth != nil {
		return batch.Vector{Array: n.spreadBits(codes, valid)}
	}
	a := env.Expand(n.values, number)
	if a.DataType().ID() == arrow.STRING && a.NullN() == 0 {
		return batch.Vector{Array: batch.FromCodes(codes, validThrough(codes, valid, n.present), a)}
	}
	return batch.Vector{Array: env.Take(a, codesOrNull(codes, valid))}
}

// validThrough marks the rows that are valid and whose value is present.
func validThrough(codes []int32, valid, present []byte) []byte {
	if present == nil {
		return valid
	}
	bits := arrowdata.NewBitmap(len(codes))
	for i, code := range codes {
		if arrowdata.IsValid(valid, i) && arrowdata.IsSet(present, int(code)) {
			arrowdata.SetBit(bits, i)
		}
	}
	return bits
}

// codesOrNull returns the codes, with -1 for rows that are not valid.
func codesOrNull(codes []int32, valid []byte) []int32 {
	if valid == nil {
		return codes
	}
	out := slices.Clone(codes)
	for i := range out {
		if !arrowdata.IsSet(valid, i) {
			out[i] = -1
		}
	}
	return out
}

func (n *dictionaryAnswer) spreadBits(codes []int32, valid []byte) arrow.Array {
	bits := arrowdata.NewBitmap(len(codes))
	if n.isAnyTrue {
		if valid == nil {
			markTrue(bits, codes, n.truth)
		} else {
			markValid(bits, codes, valid, n.truth)
		}
	}
	return batch.FromBits(bits, len(codes), valid)
}

// markTrue sets the bits of the rows whose codes have truth 1.
func markTrue(bits []byte, codes []int32, truth []byte) {
	for len(codes) >= 8 {
		c := codes[:8:8]
		bits[0] = truth[c[0]] | truth[c[1]]<<1 | truth[c[2]]<<2 | truth[c[3]]<<3 |
			truth[c[4]]<<4 | truth[c[5]]<<5 | truth[c[6]]<<6 | truth[c[7]]<<7
		bits, codes = bits[1:], codes[8:]
	}
	for i, c := range codes {
		bits[0] |= truth[c] << i
	}
}

// markValid is markTrue with a validity bitmap. The codes of rows that are not valid may be anything; codes out of
// range are read as the last value, and the row's bit stays 0. truth must not be empty.
func markValid(bits []byte, codes []int32, valid, truth []byte) {
	last := uint32(len(truth) - 1)
	for len(codes) >= 8 {
		if live := valid[0]; live != 0 {
			c := codes[:8:8]
			bits[0] = live & (truth[min(uint32(c[0]), last)] | truth[min(uint32(c[1]), last)]<<1 |
				truth[min(uint32(c[2]), last)]<<2 | truth[min(uint32(c[3]), last)]<<3 |
				truth[min(uint32(c[4]), last)]<<4 | truth[min(uint32(c[5]), last)]<<5 |
				truth[min(uint32(c[6]), last)]<<6 | truth[min(uint32(c[7]), last)]<<7)
		}
		bits, codes, valid = bits[1:], codes[8:], valid[1:]
	}
	for i, c := range codes {
		bits[0] |= truth[min(uint32(c), last)] << i & valid[0]
	}
}
