package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/plan"
)

// buildRows reads the right rows of a join into memory. If there is no memory for them, or for finding them by
// their keys, it divides them among runs by the hash of their keys.
type buildRows struct {
	from     Operator
	columns  []*plan.Column
	keys     []int
	memory   *account
	spilling *keySpilling
	filters  []keyFilter
	bounds   []joinBound
	gathering
	// matching finds the rows that may match. Others are not spilled unless keepsAll is set.
	matching matching
	keepsAll bool
	// matchableOnly drops the others while reading, if the join does not need to know whether there were any.
	matchableOnly bool

	batches []*batch.Batch
	bytes   int64 // of batches as a table
	rows    int   // of batches

	divided *dividedRows // nil: all are in batches
	dropped bool         // a divided row matches nothing
	// unbounded: the value of the first bound cannot be computed for a divided row, so no joinWindow is made.
	unbounded bool
	values    []*keyValues // of divided rows, by filter
}

// buildRowBytes is the approximate memory for finding a row by its keys, besides the row and a copy of its keys.
const buildRowBytes = 64

// read reads all rows. It returns a table of them, nil if they are divided.
func (r *buildRows) read(ctx context.Context) (*table, error) {
	for {
		b, err := r.from.Next(ctx)
		if err != nil {
			return nil, err
		}
		if b == nil {
			break
		}
		if b = compact(b); r.matchableOnly {
			b = r.matching.only(b, r.keys)
		}
		if b.Len == 0 {
			continue
		}
		if err := r.add(ctx, b); err != nil {
			return nil, err
		}
	}
	if r.divided == nil && r.rows > 0 && r.spilling.isNeeded(r.memory, r.tableBytes(0, 0)) {
		if err := r.divide(ctx); err != nil {
			return nil, err
		}
	}
	if r.divided != nil {
		return nil, r.endDivided()
	}
	if len(r.batches) == 0 {
		return emptyTable(r.columns), nil
	}
	err := r.memory.set(2 * r.bytes) // batches and the table exist at the same time
	if memory.IsFull(err) && r.spilling != nil {
		if err := r.divide(ctx); err != nil {
			return nil, err
		}
		return nil, r.endDivided()
	}
	if err != nil {
		return nil, err
	}
	t := r.join(ctx, r.batches)
	r.batches = nil
	return t, r.memory.set(min(r.bytes, batchBytes(&batch.Batch{Columns: t.vectors()})))
}

// readKeys reads all rows, whose columns are the keys in order, and keeps each combination once. Only lookup of the
// table may be used; the positions it returns are not in members. It returns nil if the rows are divided.
func (r *buildRows) readKeys(ctx context.Context) (*joinTable, error) {
	t := &joinTable{matching: r.matching, ids: newGrouper(columnTypes(r.columns)), isEmpty: true}
	t.ids.memory = r.memory
	t.ids.useNumbers(r.numbers)
	for {
		b, err := r.from.Next(ctx)
		if err != nil {
			return nil, err
		}
		if b == nil {
			break
		}
		if b = compact(b); r.divided != nil {
			err = r.addDivided(b)
		} else {
			err = r.addKeys(ctx, t, b)
		}
		if err != nil {
			return nil, err
		}
	}
	if r.divided != nil {
		return nil, r.endDivided()
	}
	if err := r.memory.add(int64(t.ids.groups+1) * 4); err != nil {
		return nil, err
	}
	t.starts = iota32(t.ids.groups + 1)
	return t, nil
}

// addKeys adds keys to a table. If there is no memory for more, it divides them all.
func (r *buildRows) addKeys(ctx context.Context, t *joinTable, b *batch.Batch) error {
	growth := t.ids.growthBytes(b.Columns, b.Len)
	full := t.ids.groups > 0 && (r.spilling.isNeeded(r.memory, growth) || !r.spilling.canDivide(r.memory, growth+listedBytes))
	if !full {
		ids := make([]int32, b.Len)
		err := t.ids.insert(b.Columns, b.Len, ids)
		if err == nil {
			err = r.memory.set(t.ids.sizeBytes())
		}
		if full = memory.IsFull(err) && r.spilling != nil && t.ids.groups > 0; !full && err != nil {
			return err
		}
	}
	if full {
		if err := r.divideKeys(ctx, t); err != nil {
			return err
		}
		return r.addDivided(b)
	}
	t.isEmpty = false
	t.dropped = t.dropped || r.matching.dropsAny(b.Columns, b.Len)
	return nil
}

// listedBytes is the approximate size of the keys copied at once when they are divided, unless one key is longer.
const listedBytes = 256 << 10

// divideKeys spills the keys of a table. Later keys are spilled too.
func (r *buildRows) divideKeys(ctx context.Context, t *joinTable) error {
	r.beginDivided()
	r.dropped = t.dropped
	// Freeing the lookups makes room for listing the keys: there may be little other memory.
	t.ids.forgetLookups()
	listing := int64(0)
	for _, in := range t.ids.columns {
		if each := 8 * int64(t.ids.groups); in.IsOfTexts() {
			listing += min(each, listedBytes)
		} else {
			listing += each
		}
	}
	if err := r.memory.set(t.ids.sizeBytes() + listing); err != nil {
		return err
	}
	values := make([]arrow.Array, len(t.ids.columns)) // nil for texts, which are copied batch by batch
	for i, in := range t.ids.columns {
		if !in.IsOfTexts() {
			values[i] = in.Values()
		}
	}
	step := int(max(1, min(batch.Rows, listedBytes*int64(t.ids.groups)/max(1, t.ids.sizeBytes()))))
	for from := 0; from < t.ids.groups; from += step {
		if err := ctx.Err(); err != nil {
			return err
		}
		to := min(t.ids.groups, from+step)
		b := &batch.Batch{Len: to - from}
		for i, in := range t.ids.columns {
			codes := t.ids.codes(i, from, to)
			if values[i] == nil {
				b.Columns = append(b.Columns, batch.Vector{Array: in.ValuesOf(codes, batch.InTurn)})
			} else {
				b.Columns = append(b.Columns, batch.Vector{Array: batch.Take(values[i], codes)})
			}
		}
		if err := r.addDivided(b); err != nil {
			return err
		}
	}
	t.ids = nil
	return r.memory.set(0)
}

// tableBytes is the memory for bytes and rows more, until rows can be found by their keys.
func (r *buildRows) tableBytes(bytes int64, rows int) int64 {
	return bytes + max(r.bytes+bytes, buildRowBytes*int64(r.rows+rows))
}

func (r *buildRows) add(ctx context.Context, b *batch.Batch) error {
	if r.divided != nil {
		return r.addDivided(b)
	}
	bytes := tableBytes(b)
	if r.rows > 0 && r.spilling.isNeeded(r.memory, r.tableBytes(bytes, b.Len)) {
		if err := r.divide(ctx); err != nil {
			return err
		}
		return r.addDivided(b)
	}
	err := r.memory.set(r.bytes + bytes)
	if memory.IsFull(err) && r.spilling != nil && r.rows > 0 {
		if err := r.divide(ctx); err != nil {
			return err
		}
		return r.addDivided(b)
	}
	r.batches, r.bytes, r.rows = append(r.batches, b), r.bytes+bytes, r.rows+b.Len
	return err
}

// divide spills the rows in memory. Later rows are spilled too.
func (r *buildRows) divide(ctx context.Context) error {
	r.beginDivided()
	batches := r.batches
	r.batches = nil
	for i, b := range batches {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.addDivided(b); err != nil {
			return err
		}
		batches[i] = nil
		r.memory.release(tableBytes(b))
	}
	return r.memory.set(0)
}

// divideTable spills the rows that read returned.
func (r *buildRows) divideTable(ctx context.Context, t *table) error {
	r.beginDivided()
	reader := &tableReader{table: t}
	for {
		b, err := reader.nextOrdered(ctx)
		if err != nil {
			return err
		}
		if b == nil {
			break
		}
		if err := r.addDivided(b); err != nil {
			return err
		}
	}
	if err := r.memory.set(0); err != nil {
		return err
	}
	return r.endDivided()
}

func (r *buildRows) beginDivided() {
	r.divided = r.spilling.divide(0)
	for _, f := range r.filters {
		r.values = append(r.values, &keyValues{filter: f})
	}
}

// addDivided divides the rows of a dense batch.
func (r *buildRows) addDivided(b *batch.Batch) error {
	keys := pickColumns(b, r.keys)
	for _, v := range r.values {
		if err := v.add(keys[v.filter.key], b.Len); err != nil {
			return err
		}
	}
	if err := r.checkBound(b); err != nil {
		return err
	}
	rows := r.matching.rowsOf(keys, b.Len)
	r.dropped = r.dropped || len(rows) < b.Len
	if r.keepsAll {
		rows = iota32(b.Len)
	}
	return r.divided.addRows(b, keys, rows)
}

// checkBound notes whether the value of the first bound can be computed.
func (r *buildRows) checkBound(b *batch.Batch) error {
	if len(r.bounds) == 0 || r.unbounded {
		return nil
	}
	_, err := r.bounds[0].right.Eval(b)
	if err != nil && !function.EndsStatement(err) {
		r.unbounded = true
		return nil
	}
	return err
}

// endDivided publishes the keys after all rows are divided.
func (r *buildRows) endDivided() error {
	for _, v := range r.values {
		v.publish()
	}
	r.values = nil
	return r.divided.finish()
}
