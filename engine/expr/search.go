package expr

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// search is a search of texts that inspects a column's texts in place, and decides most or all rows there. Only the
// texts of the remaining rows are gathered, converted to another case or, for maps searched as JSON, written.
type search struct {
	plain  *call
	column *ref
	in     searchIn
}

// searchIn is implemented by function.TextSearch for columns of texts and by function.JSONSearch for columns of
// maps.
type searchIn interface {
	RowsToSearch(env *function.Env, column arrow.Array) (bits []byte, exact, ok bool, err error)
}

// search returns the node of a search, or nil if e, which plain computes, is not one. The searched text is a
// column, or json_format(CAST(m AS JSON)) of a column m of maps of texts, or lower or upper of one of these.
func (c *compiler) search(e *plan.Call, plain *call) (node, error) {
	if len(e.Args) < 2 || len(e.Args) > 3 || e.Fn.NullCalled {
		return nil, nil
	}
	text, textCase := e.Args[0], ""
	if inner, ok := text.(*plan.Call); ok && (inner.Fn.Name == "lower" || inner.Fn.Name == "upper") {
		text, textCase = inner.Args[0], inner.Fn.Name
	}
	column, isText := text.(*plan.Ref)
	if isText = isText && column.Type().IsText(); !isText {
		column = columnAsJSONText(text)
	} else if textCase != "" && c.shared.timesOf(e.Args[0]) > maxSearchesInAnyCase {
		return nil, nil
	}
	if column == nil {
		return nil, nil
	}
	fixed := make([]batch.Vector, len(e.Args))
	for i := 1; i < len(e.Args); i++ {
		constant, ok := plain.args[i].(*constant)
		if !ok || arrowdata.IsNull(constant.value.Array, 0) || !e.Fn.Args[i].IsText() {
			return nil, nil
		}
		fixed[i] = constant.value
	}
	n := &search{plain: plain}
	if isText {
		if known := function.NewTextSearch(e.Fn, fixed, textCase); known != nil {
			n.in = known
		}
	} else if known := function.NewJSONSearch(e.Fn, fixed, textCase); known != nil {
		n.in = known
	}
	if n.in == nil {
		return nil, nil
	}
	var err error
	n.column, err = c.ref(column)
	return n, err
}

// If lower or upper of a text is used more than maxSearchesInAnyCase times, searches use the converted text.
// Searching the original for letters in both cases takes longer than searching a converted text.
const maxSearchesInAnyCase = 4

// columnAsJSONText returns the column m of json_format(CAST(m AS JSON)) if it has maps of texts, else nil.
func columnAsJSONText(text plan.Expr) *plan.Ref {
	format, ok := text.(*plan.Call)
	if !ok || format.Fn.Name != "json_format" {
		return nil
	}
	cast, ok := format.Args[0].(*plan.Cast)
	if !ok || cast.Try {
		return nil
	}
	column, ok := cast.Arg.(*plan.Ref)
	if !ok || column.Type().Kind != types.Map || column.Type().Key.Kind != types.Varchar || column.Type().Elem.Kind != types.Varchar {
		return nil
	}
	return column
}

func (n *search) eval(f *frame) (batch.Vector, error) {
	bits, valid, exact, ok, err := n.rowsToSearch(f)
	if err != nil {
		return batch.Vector{}, err
	}
	count := arrowdata.CountBits(bits, len(bits)*8)
	if !ok || count == f.rows && !exact {
		return n.plain.eval(f)
	}
	held := f.env.Held()
	v, err := n.vector(f, valid, bits, count, exact)
	if err != nil {
		return v, err
	}
	return v, f.env.SettleResult(held, v)
}

// If a column has at most maxSkippedRatio times the rows of the frame, searching all of it costs less than
// gathering the rows first.
const maxSkippedRatio = 4

// rowsToSearch is RowsToSearch for the rows of a frame, with their validity.
func (n *search) rowsToSearch(f *frame) (bits, valid []byte, exact, ok bool, err error) {
	level := f.levels[n.column.depth]
	column := level.columns[n.column.index]
	if column.Const {
		return nil, nil, false, false, nil
	}
	if level.idx == nil || level.repeats || column.Array.Len() > maxSkippedRatio*f.rows {
		gathered := f.column(n.column.depth, n.column.index)
		bits, exact, ok, err = n.in.RowsToSearch(f.env, gathered.Array)
		return bits, arrowdata.Validity(gathered.Array), exact, ok, err
	}
	found, exact, ok, err := n.in.RowsToSearch(f.env, column.Array)
	if err != nil || !ok {
		return nil, nil, false, false, err
	}
	return pickBits(found, level.idx), pickBits(arrowdata.Validity(column.Array), level.idx), exact, true, nil
}

// pickBits gathers the bits of rows. nil stands for all bits set; the result is then nil too.
func pickBits(bits []byte, rows []int32) []byte {
	if bits == nil {
		return nil
	}
	out := arrowdata.NewBitmap(len(rows))
	for i, row := range rows {
		out[i>>3] |= bits[row>>3] >> (row & 7) & 1 << (i & 7)
	}
	return out
}

// vector searches the texts of the count rows in bits, if necessary, and finds nothing in the other rows.
func (n *search) vector(f *frame, valid, bits []byte, count int, exact bool) (batch.Vector, error) {
	isBoolean := n.plain.returns.ID() == arrow.BOOL
	if isBoolean && (exact || count == 0) {
		return batch.Vector{Array: batch.FromBits(bits, f.rows, valid)}, nil
	}
	if count == 0 {
		return batch.Vector{Array: batch.FromValues(n.plain.returns, make([]int64, f.rows), valid)}, nil
	}
	rows := arrowdata.AppendSetBits(make([]int32, 0, count), bits, f.rows)
	v, err := n.plain.eval(f.narrow(rows))
	if err != nil {
		return v, err
	}
	if isBoolean {
		found, in := arrowdata.NewBitmap(f.rows), batch.TrueBits(v)
		for i, row := range rows {
			if arrowdata.IsSet(in, v.At(i)) {
				arrowdata.SetBit(found, int(row))
			}
		}
		return batch.Vector{Array: batch.FromBits(found, f.rows, valid)}, nil
	}
	positions, in := make([]int64, f.rows), batch.Values[int64](v.Array)
	for i, row := range rows {
		positions[row] = in[v.At(i)]
	}
	return batch.Vector{Array: batch.FromValues(n.plain.returns, positions, valid)}, nil
}
