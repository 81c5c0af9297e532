package parse_test

import (
	"errors"
	"testing"

	"github.com/auditlake/auditlake/planner/parse"
	"github.com/auditlake/auditlake/planner/types"
)

// FuzzParse checks that any text either parses and round-trips, or fails with a
// typed error at a place inside the text.
func FuzzParse(f *testing.F) {
	for _, s := range statements {
		f.Add(s.sql)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		_, err := parse.Statement(sql)
		if err == nil {
			requireRoundTrip(t, sql)
			return
		}
		var e *types.Error
		if !errors.As(err, &e) {
			t.Fatalf("%q: %T is not typed: %v", sql, err, err)
		}
		if e.Pos.IsZero() || e.Pos.Column > len(sql)+1 {
			t.Fatalf("%q: no such place: %v", sql, err)
		}
	})
}
