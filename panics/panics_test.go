package panics_test

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/panics"
)

func TestRun(t *testing.T) {
	for _, c := range []struct {
		name string
		work func() error
		want string // error, empty: none
		is   error
	}{
		{"no error", func() error { return nil }, "", nil},
		{"error", func() error { return io.EOF }, "EOF", io.EOF},
		{"panic", func() error { panic("a defect") }, "counting: internal error: a defect", nil},
		{"panic with an error", func() error { panic(io.ErrShortWrite) }, "counting: internal error: short write", io.ErrShortWrite},
		{"panic of the runtime", func() error { var list []int; return errors.New(string(rune(list[0]))) }, "counting: internal error: runtime error: index out of range [0] with length 0", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, log := range []*slog.Logger{nil, slog.New(slog.DiscardHandler)} {
				err := panics.Run(log, "counting", c.work)
				if c.want == "" {
					require.NoError(t, err)
					continue
				}
				require.EqualError(t, err, c.want)
				if c.is != nil {
					require.ErrorIs(t, err, c.is)
				}
			}
		})
	}
}

func TestCatchLogsTheStack(t *testing.T) {
	var out bytes.Buffer
	err := panics.Run(slog.New(slog.NewTextHandler(&out, nil)), "counting", explode)
	var caught *panics.Error
	require.ErrorAs(t, err, &caught)
	require.Contains(t, string(caught.Stack), "panics_test.explode")
	require.Contains(t, out.String(), "work=counting panic=boom stack=")
	require.Contains(t, out.String(), "panics_test.explode")
}

func explode() error { panic("boom") }
