package function

import (
	"math"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// concatLists joins arrays, and single elements where an argument has the
// element type.
func concatLists(fn *types.Resolved) Kernel {
	isElement := make([]bool, len(fn.Args))
	for i, t := range fn.Args {
		isElement[i] = t.Equal(fn.Return.Elem) && !t.Equal(fn.Return)
	}
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		if len(args) < 2 {
			return batch.Vector{}, errConcatOne
		}
		rows, constant := rowsToCompute(args, rows)
		j := joinedLists{valid: validOf(args, rows), parts: make([]listPart, len(args)), every: rowsBetweenLooks(args)}
		for i, v := range args {
			j.parts[i] = partOf(v, isElement[i])
		}
		a, err := j.join(env, rows)
		return batch.Vector{Array: a, Const: constant}, err
	}
}

// joinedLists are arrays whose rows have the elements of several parts in order.
type joinedLists struct {
	parts []listPart
	valid []byte // of the rows; nil: none is NULL
	every int    // rows between two checks whether the statement has ended
}

// listPart is what a vector contributes to each row: the elements of a list, none for NULL, or a single element.
type listPart struct {
	lists
	valid    []byte // of lists
	isSingle bool
}

func partOf(v batch.Vector, isSingle bool) listPart {
	if !isSingle {
		return listPart{lists: listOf(v), valid: arrowdata.Validity(v.Array)}
	}
	p := listPart{isSingle: true, lists: lists{elems: v.Array, mask: -1}}
	if v.Const {
		p.mask = 0
	}
	return p
}

// elementsOf returns the positions of the elements of a row, as at does, but none for NULL.
func (p *listPart) elementsOf(i int) (lo, hi int) {
	i &= p.mask
	if p.isSingle {
		return i, i + 1
	}
	if !arrowdata.IsValid(p.valid, i) {
		return 0, 0
	}
	return int(p.offsets[i]), int(p.offsets[i+1])
}

// span returns the range of all rows' elements.
func (p *listPart) span() (from, to int) {
	if p.isSingle {
		return 0, p.elems.Len()
	}
	return int(p.offsets[0]), int(p.offsets[len(p.offsets)-1])
}

// each calls add for the elements of each part of each row that is not NULL, and end after each row.
func (j *joinedLists) each(env *Env, rows int, add func(part, lo, hi int), end func(row int)) {
	for i := range rows {
		if i%j.every == 0 {
			env.look()
		}
		if arrowdata.IsValid(j.valid, i) {
			for p := range j.parts {
				if lo, hi := j.parts[p].elementsOf(i); lo < hi {
					add(p, lo, hi)
				}
			}
		}
		end(i)
	}
}

// join returns the lists.
func (j *joinedLists) join(env *Env, rows int) (arrow.Array, error) {
	offsets, count := make([]int32, rows+1), 0
	j.each(env, rows, func(_, lo, hi int) { count += hi - lo }, func(row int) { offsets[row+1] = int32(count) })
	if count > math.MaxInt32 {
		return nil, batch.TooBig("lists")
	}
	if texts := j.texts(); texts != nil {
		return j.joinTexts(env, texts, offsets, count)
	}
	children, starts := j.children()
	idx := env.positions(count)
	j.each(env, rows, func(p, lo, hi int) { idx = appendRange(idx, starts[p]+lo, starts[p]+hi) }, func(int) {})
	return batch.FromLists(offsets, j.valid, env.Take(env.Concat(children), idx)), nil
}

// children returns the elements of the parts, those of equal parts once. starts is, by part, the offset to add to
// the positions of its elements.
func (j *joinedLists) children() (children []arrow.Array, starts []int) {
	starts = make([]int, len(j.parts))
	length := 0
	for p, part := range j.parts {
		from, to := part.span()
		isSame := func(q listPart) bool {
			qFrom, qTo := q.span()
			return q.elems == part.elems && qFrom == from && qTo == to
		}
		if same := slices.IndexFunc(j.parts[:p], isSame); same >= 0 {
			starts[p] = starts[same]
			continue
		}
		children, starts[p] = append(children, array.NewSlice(part.elems, int64(from), int64(to))), length-from
		length += to - from
	}
	return children, starts
}

// texts returns the elements of all parts if they are texts without NULLs, else nil.
func (j *joinedLists) texts() []*array.String {
	out := make([]*array.String, len(j.parts))
	for p, part := range j.parts {
		texts, ok := part.elems.(*array.String)
		if !ok || arrowdata.Validity(texts) != nil {
			return nil
		}
		out[p] = texts
	}
	return out
}

// joinTexts concatenates the texts of the parts row by row; count is the number of texts.
func (j *joinedLists) joinTexts(env *Env, texts []*array.String, offsets []int32, count int) (arrow.Array, error) {
	rows, total := len(offsets)-1, 0
	from, data := make([][]int32, len(texts)), make([][]byte, len(texts))
	for p, t := range texts {
		from[p], data[p] = batch.Text(t)
	}
	j.each(env, rows, func(p, lo, hi int) { total += int(from[p][hi] - from[p][lo]) }, func(int) {})
	if total > math.MaxInt32 {
		return nil, batch.TooBig("text")
	}
	if err := env.Grow(int64(count+1)*sizeOf[int32]() + int64(total)); err != nil {
		return nil, err
	}
	ends, joined := make([]int32, 1, count+1), make([]byte, 0, total)
	j.each(env, rows, func(p, lo, hi int) {
		first := from[p][lo]
		moved := int32(len(joined)) - first
		for _, end := range from[p][lo+1 : hi+1] {
			ends = append(ends, end+moved)
		}
		joined = batch.AppendText(joined, data[p][first:from[p][hi]])
	}, func(int) {})
	return batch.FromLists(offsets, j.valid, batch.FromText(arrow.BinaryTypes.String, ends, joined, nil)), nil
}
