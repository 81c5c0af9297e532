package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
)

// insertedRows is the number of rows inserted between two checks of the context.
const insertedRows = 1 << 14

// useKnown assigns codes without lookups to keys of many rows whose values hardly repeat: looking up mostly new
// values would take longer than all other work. Integers and times get codes by value, texts by row. Values that
// repeat may be few, and are listed for runtime filters.
func (t *joinTable) useKnown(ctx context.Context, keys []batch.Vector, memory *account) error {
	if t.rows.rows <= insertedRows {
		return nil
	}
	firstRows := batch.Part(&batch.Batch{Columns: keys, Len: t.rows.rows}, 0, insertedRows)
	t.ids.known, t.coded = make([]knownColumn, len(keys)), make([][]int32, len(keys))
	var texts []int
	for i, key := range keys {
		if column, isText := key.Array.(*array.String); isText && hardlyRepeat(column) {
			texts = append(texts, i)
		}
		span := batch.SpanOf(key.Array)
		if span == nil {
			continue
		}
		first := batch.NewInterner(key.Array.DataType())
		if err := first.Insert(firstRows[i], insertedRows, make([]int32, insertedRows)); err != nil {
			return err
		}
		switch {
		case first.Len() <= maxRuntimeValues+2:
			continue
		case len(keys) == 1: // codes are ids
			if int(span.MaxCode()) > maxSpanPerRow*t.rows.rows {
				continue
			}
			if err := memory.add(int64(span.MaxCode()) * 4); err != nil { // starts
				return err
			}
		}
		t.ids.known[i] = span
	}
	return t.useTextRows(ctx, keys, texts, memory)
}

// maxSpanPerRow is the maximum number of codes of a single key for each row.
const maxSpanPerRow = 4

// insertAll finds the key combination of each row. In parallel, it assigns codes to the values of each key and
// combines the codes of the rows before.
func (t *joinTable) insertAll(ctx context.Context, keys []batch.Vector, ids []int32, memory *account) error {
	all := &batch.Batch{Columns: keys, Len: len(ids)}
	codes, before := make([][]int32, len(keys)), make([][]int32, len(keys))
	errs := make([]error, len(keys))
	held, done := int64(0), 0
	for from := 0; from < len(ids) || done < from; {
		if err := ctx.Err(); err != nil {
			return err
		}
		rows := min(insertedRows, len(ids)-from)
		part := batch.Part(all, from, rows)
		t.by(1+len(keys), func(piece int) {
			if key := piece - 1; key >= 0 && rows > 0 {
				if coded := t.codedKey(key); coded != nil {
					codes[key] = coded[from : from+rows]
					return
				}
				codes[key], errs[key] = t.ids.codeColumn(key, part[key], rows, codes[key])
			} else if key < 0 && done < from {
				t.ids.combine(before, ids[done:from])
			}
		})
		for _, err := range errs {
			if err != nil {
				return err
			}
		}
		done, from = from, from+rows
		codes, before = before, codes
		size := t.ids.sizeBytes()
		if err := memory.add(size - held); err != nil {
			return err
		}
		held = size
	}
	return nil
}
