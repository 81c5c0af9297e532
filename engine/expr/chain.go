package expr

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
)

// chain is a series of calls, each with the previous call's result and constants as arguments, as in split(text,
// '/')[2]. Text results stay dictionaries between calls anyway; a chain has other types in between. It is computed
// for the values of leaf's whole dictionary, or for the values that rows have.
type chain struct {
	leaf  node
	links []link
}

// link is a call of a chain, and the position of the argument that is the previous call's result.
type link struct {
	*call
	varying int
}

// maxLinks limits the length of a chain, so that the chains of a long statement have no more links than it has
// calls. Later calls are computed by row.
const maxLinks = 8

// newChain returns the chain that ends with n, nil if there is none.
func newChain(n *call) *chain {
	last, ok := linkOf(n)
	if !ok {
		return nil
	}
	below := n.args[last.varying]
	if p, ok := below.(*part); ok {
		below = p.node
	}
	if s, ok := below.(*search); ok { // a search saves nothing if the texts are a dictionary
		below = s.plain
	}
	inner, ok := below.(*call)
	if !ok || inner.returns.ID() == arrow.STRING {
		return nil
	}
	if inner.chain != nil {
		if len(inner.chain.links) == maxLinks {
			return nil
		}
		return &chain{inner.chain.leaf, append(slices.Clone(inner.chain.links), last)}
	}
	first, ok := linkOf(inner)
	if !ok || !inner.fn.Args[first.varying].IsText() {
		return nil
	}
	return &chain{inner.args[first.varying], []link{first, last}}
}

// linkOf reports whether n has exactly one argument that varies; the others must be constants that are not NULL.
func linkOf(n *call) (link, bool) {
	if n.fn.NonDeterministic || len(n.lambdas) > 0 {
		return link{}, false
	}
	varying := -1
	for i, arg := range n.args {
		if c, ok := arg.(*constant); ok && !arrowdata.IsNull(c.value.Array, 0) {
			continue
		}
		if varying >= 0 {
			return link{}, false
		}
		varying = i
	}
	return link{n, varying}, varying >= 0
}

// overChain computes a call's chain once for each value of a dictionary. It declines as overDictionary does.
func (n *call) overChain(f *frame) (batch.Vector, bool, error) {
	if n.isUnchained.Load() || !n.chain.mayBeDictionary(f) {
		return batch.Vector{}, false, nil
	}
	leaf, err := n.chain.leaf.eval(f)
	if err != nil {
		n.isUnchained.Store(true) // the call fails too; each chain over another would compute leaf once more
		return batch.Vector{}, false, nil
	}
	column, ok := leaf.Array.(*array.Dictionary)
	if !ok || leaf.Const {
		n.isUnchained.Store(true) // leaf would be computed twice
		return batch.Vector{}, false, nil
	}
	codes, valid, dictionary := batch.Codes(column), arrowdata.Validity(column), column.Dictionary()
	if valid != nil && slices.ContainsFunc(n.chain.links, func(l link) bool { return l.fn.NullCalled }) {
		return batch.Vector{}, false, nil
	}
	if answer := n.answers.find(dictionary.Data()); answer != nil {
		return n.spread(answer, f.env, codes, valid, dictionary.Len())
	}
	if dictionary.Len() > maxDictionaryRatio*f.rows || n.isPartial.Load() {
		return n.chainOverUsed(f, column)
	}
	answer, err := n.answers.compute(f.env, dictionary, func(values arrow.Array) (batch.Vector, error) {
		return n.chain.over(f.env, values, values.Len())
	})
	if err != nil {
		n.isPartial.Store(true) // the next dictionary may have such a value, too
		if err := f.env.Stopped(); err != nil {
			return batch.Vector{}, false, err
		}
		return n.chainOverUsed(f, column)
	}
	return n.spread(answer, f.env, codes, valid, dictionary.Len())
}

// mayBeDictionary reports whether computing leaf is worthwhile. Texts of a column that is not a dictionary would be
// gathered for nothing.
func (c *chain) mayBeDictionary(f *frame) bool {
	column, ok := c.leaf.(*ref)
	return !ok || f.levels[column.depth].columns[column.index].Array.DataType().ID() == arrow.DICTIONARY
}

// chainOverUsed computes a call's chain once for each value of a dictionary column that rows have.
func (n *call) chainOverUsed(f *frame, column *array.Dictionary) (batch.Vector, bool, error) {
	if f.rows < minRowsToCombine || n.isByRow.Load() {
		return batch.Vector{}, false, nil
	}
	codes, firsts, err := combinations(f, []arrow.Array{column})
	if codes == nil {
		n.isByRow.Store(err == nil)
		return batch.Vector{}, false, err
	}
	v, err := n.chain.over(f.env, f.env.Decode(f.env.Take(column, firsts)), len(firsts))
	if err != nil {
		n.isUnchained.Store(true) // TRY may evaluate more rows
		return batch.Vector{}, false, f.env.Stopped()
	}
	return n.spread(newAnswer(v), f.env, codes, nil, len(firsts))
}

// over computes all links for the values.
func (c *chain) over(env *function.Env, values arrow.Array, rows int) (batch.Vector, error) {
	v := batch.Vector{Array: values}
	for _, l := range c.links {
		var err error
		if v, err = l.over(env, v, rows); err != nil {
			return batch.Vector{}, err
		}
	}
	return v, nil
}

// over computes a link for the values of v.
func (l link) over(env *function.Env, v batch.Vector, rows int) (batch.Vector, error) {
	args := make([]batch.Vector, len(l.args))
	for i, arg := range l.args {
		if c, ok := arg.(*constant); ok {
			args[i] = c.value
		}
	}
	args[l.varying] = v
	out, err := l.impl.Kernel(env, args, make([]function.Lambda, len(args)), rows)
	if err == nil {
		out.Array = env.Decode(out.Array)
	}
	return out, err
}
