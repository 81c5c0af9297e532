package exec

import (
	"context"
	"encoding/binary"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/plan"
)

// sorter gives its input's rows in order; rows that compare equal keep theirs.
type sorter struct {
	input   Operator
	columns []*plan.Column
	keys    []sortKey
	memory  *account

	sorted *tableReader // nil until the input is consumed
}

func (s *sorter) Next(ctx context.Context) (*batch.Batch, error) {
	if s.sorted == nil {
		t, err := drain(ctx, s.input, s.columns, s.memory)
		if err != nil {
			return nil, err
		}
		rows, err := sortedRows(ctx, t, s.keys)
		if err != nil {
			return nil, err
		}
		s.sorted = &tableReader{table: t, rows: rows}
	}
	return s.sorted.next(), ctx.Err()
}

func (s *sorter) Close() {
	s.memory.close()
	s.input.Close()
}

// sortedRows returns t's rows in the order of keys, never nil without an error,
// which is ctx's.
func sortedRows(ctx context.Context, t *table, keys []sortKey) (rows []int32, err error) {
	rows = iota32(t.rows)
	if len(keys) == 0 {
		return rows, nil
	}
	defer func() {
		switch p := recover().(type) {
		case nil:
		case sortStopped:
			err = ctx.Err()
		default:
			panic(p)
		}
	}()
	order := orderBy(t, keys)
	prefixes, exact := sortPrefixes(t.columns[keys[0].position], keys[0])
	if prefixes == nil {
		stableSort(rows, stoppable(ctx, order))
		return rows, nil
	}
	if exact && len(keys) == 1 {
		order = func(i, j int32) int { return 0 }
	}
	slices.SortFunc(rows, stoppable(ctx, func(i, j int32) int {
		switch {
		case prefixes[i] < prefixes[j]:
			return -1
		case prefixes[i] > prefixes[j]:
			return 1
		}
		if c := order(i, j); c != 0 {
			return c
		}
		return int(i - j)
	}))
	return rows, nil
}

// sortStopped is the panic that leaves a sort whose statement was cancelled.
type sortStopped struct{}

// stoppable looks at ctx once in a while.
func stoppable(ctx context.Context, order rowOrder) rowOrder {
	const often = 1 << 16 // comparisons, about a millisecond
	left := often
	return func(i, j int32) int {
		if left--; left == 0 {
			if ctx.Err() != nil {
				panic(sortStopped{})
			}
			left = often
		}
		return order(i, j)
	}
}

func stableSort(rows []int32, order rowOrder) { slices.SortStableFunc(rows, order) }

// sortPrefixes maps each row to a number that orders like the key as far as it
// goes; exact says that it goes all the way. Nil where there is none: for
// columns with NULLs, and types without a cheap one.
func sortPrefixes(a arrow.Array, key sortKey) (prefixes []uint64, exact bool) {
	if a.NullN() > 0 {
		return nil, false
	}
	prefixes = make([]uint64, a.Len())
	exact = true
	switch x := a.(type) {
	case *array.Int32:
		integerPrefixes(prefixes, x.Int32Values())
	case *array.Int64:
		integerPrefixes(prefixes, x.Int64Values())
	case *array.Date32:
		integerPrefixes(prefixes, x.Date32Values())
	case *array.Timestamp:
		integerPrefixes(prefixes, x.TimestampValues())
	case *array.String:
		exact = false
		for i := range prefixes {
			prefixes[i] = textPrefix(x.Value(i))
		}
	default:
		return nil, false
	}
	if key.descending {
		for i, p := range prefixes {
			prefixes[i] = ^p
		}
	}
	return prefixes, exact
}

func integerPrefixes[T ~int32 | ~int64](out []uint64, values []T) {
	for i, v := range values {
		out[i] = uint64(int64(v)) ^ 1<<63
	}
}

// textPrefix is the first 8 bytes, zero where the text ends.
func textPrefix(s string) uint64 {
	var b [8]byte
	copy(b[:], s)
	return binary.BigEndian.Uint64(b[:])
}
