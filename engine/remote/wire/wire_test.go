package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/planner/types"
)

func TestFailure(t *testing.T) {
	positioned := types.Errorf("COLUMN_NOT_FOUND", types.Pos{Line: 2, Column: 3}, "Column 'x' cannot be resolved")
	for _, tt := range []struct {
		name string
		err  error
	}{
		{"an error of the statement", positioned},
		{"an error while it runs", types.Errorf("DIVISION_BY_ZERO", types.Pos{}, "Division by zero")},
		{"one within another", fmt.Errorf("subquery: %w", positioned)},
		{"cancelled", fmt.Errorf("%w: gone", context.Canceled)},
		{"invalid", fmt.Errorf("%w: no such store", engine.ErrInvalidParameter)},
		{"another", errors.New("disk full\nreally")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := FailureOf(tt.err).Err()
			require.Equal(t, tt.err.Error(), got.Error())
			require.Equal(t, errors.Is(tt.err, context.Canceled), errors.Is(got, context.Canceled))
			require.Equal(t, errors.Is(tt.err, engine.ErrInvalidParameter), errors.Is(got, engine.ErrInvalidParameter))
			var want, e *engine.Error
			require.Equal(t, errors.As(tt.err, &want), errors.As(got, &e))
			require.Equal(t, want, e)
		})
	}
	require.NoError(t, FailureOf(nil).Err())
}

// TestCutAnswer: an answer that ends anywhere before its end is an error, never a short answer.
func TestCutAnswer(t *testing.T) {
	var sent bytes.Buffer
	w := NewWriter(&sent, []answer.Column{{Name: "x", Type: types.BigIntType}})
	b := array.NewInt64Builder(memory.DefaultAllocator)
	b.AppendValues([]int64{1, 2, 3}, nil)
	require.NoError(t, w.WriteRows([]arrow.Array{b.NewArray()}))
	require.NoError(t, w.WriteEnd(End{Stats: Stats{Rows: 3}}))

	read := func(text []byte) (rows int, err error) {
		r, err := NewReader(bytes.NewReader(text))
		if err != nil {
			return 0, err
		}
		for {
			arrays, err := r.ReadRows()
			if err != nil {
				return rows, err
			}
			if arrays == nil {
				break
			}
			rows += arrays[0].Len()
		}
		end, err := r.ReadEnd()
		require.True(t, err != nil || end.Stats.Rows == 3)
		return rows, err
	}
	rows, err := read(sent.Bytes())
	require.NoError(t, err)
	require.Equal(t, 3, rows)
	for n := range sent.Len() {
		_, err := read(sent.Bytes()[:n])
		require.ErrorIs(t, err, ErrCut, "%d of %d bytes", n, sent.Len())
	}
}

func FuzzParseRequest(f *testing.F) {
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := ParseRequest(text)
		if err != nil {
			return
		}
		require.GreaterOrEqual(t, r.MaxBytes, int64(0))
		require.GreaterOrEqual(t, int64(r.Timeout), int64(0))
		_, _ = r.Options()
	})
}
