package conformance_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/planner/types"
)

func TestJudgeAnswers(t *testing.T) {
	for _, c := range []struct {
		name, of    string // the column's type
		want        []string
		got         []string
		sql         string
		ordered     bool
		approx      bool
		gotType     string
		wantOutcome conformance.Outcome
	}{
		{name: "same", of: "bigint", want: []string{"1"}, got: []string{"1"}, wantOutcome: conformance.Right},
		{name: "bigint past 2^53", of: "bigint", want: []string{"9007199254740993"}, got: []string{"9007199254740992"}, wantOutcome: conformance.Wrong},
		{name: "type text", of: "decimal(10, 2)", gotType: "DECIMAL(10,2)", want: []string{`"1.00"`}, got: []string{`"1.00"`}, wantOutcome: conformance.Right},
		{name: "another type", of: "bigint", gotType: "integer", want: []string{"1"}, got: []string{"1"}, wantOutcome: conformance.Wrong},
		{name: "double in another form", of: "double", want: []string{"1e1"}, got: []string{"10.0"}, wantOutcome: conformance.Right},
		{name: "sign of zero", of: "double", want: []string{"-0.0"}, got: []string{"0.0"}, wantOutcome: conformance.Wrong},
		{name: "double off by little", of: "double", want: []string{"1.0"}, got: []string{"1.0000000001"}, wantOutcome: conformance.Wrong},
		{name: "approximate double", of: "array(double)", want: []string{"[1.0]"}, got: []string{"[1.0000000001]"}, approx: true, wantOutcome: conformance.Right},
		{name: "approximate bigint", of: "bigint", want: []string{"10000000000"}, got: []string{"10000000001"}, approx: true, wantOutcome: conformance.Wrong},
		{name: "maps are sets", of: "map(varchar(1), integer)", want: []string{`{"a":1,"b":2}`}, got: []string{`{"b":2,"a":1}`}, wantOutcome: conformance.Right},
		{name: "another map", of: "map(varchar(1), integer)", want: []string{`{"a":1,"b":2}`}, got: []string{`{"b":2,"c":1}`}, wantOutcome: conformance.Wrong},
		{name: "rows in any order", of: "integer", want: []string{"1", "2", "2"}, got: []string{"2", "1", "2"}, wantOutcome: conformance.Right},
		{name: "rows as a multiset", of: "integer", want: []string{"1", "2", "2"}, got: []string{"1", "1", "2"}, wantOutcome: conformance.Wrong},
		{name: "rows in order", of: "integer", want: []string{"1", "2"}, got: []string{"2", "1"}, ordered: true, wantOutcome: conformance.Wrong},
		{name: "row too many", of: "integer", want: []string{"1"}, got: []string{"1", "1"}, wantOutcome: conformance.Wrong},
		{name: "null is no value", of: "varchar", want: []string{"null"}, got: []string{`""`}, wantOutcome: conformance.Wrong},
		{name: "checksum", of: "varbinary", sql: "SELECT checksum(x)", want: []string{`"AA=="`}, got: []string{`"AQ=="`}, wantOutcome: conformance.Wrong},
		{name: "checksum of nothing", of: "varbinary", sql: "SELECT checksum(x)", want: []string{"null"}, got: []string{`"AQ=="`}, wantOutcome: conformance.Wrong},
		{name: "binary", of: "varbinary", sql: "SELECT x", want: []string{`"AA=="`}, got: []string{`"AQ=="`}, wantOutcome: conformance.Wrong},
	} {
		t.Run(c.name, func(t *testing.T) {
			recorded := &conformance.Case{Kind: "query", SQL: c.sql, Columns: []conformance.Column{{Name: "x", Type: c.of}},
				Ordered: c.ordered, Approx: c.approx}
			for _, cell := range c.want {
				recorded.Rows = append(recorded.Rows, []json.RawMessage{json.RawMessage(cell)})
			}
			answer := &conformance.Answer{Names: []string{"x"}, Types: []string{c.of}}
			if c.gotType != "" {
				answer.Types = []string{c.gotType}
			}
			for _, cell := range c.got {
				answer.Rows = append(answer.Rows, []string{cell})
			}
			outcome, problem := recorded.Judge(answer, nil)
			require.Equal(t, c.wantOutcome, outcome, problem)
		})
	}
}

func TestJudgeErrors(t *testing.T) {
	at := types.Pos{Line: 1, Column: 8}
	for _, c := range []struct {
		name string
		want *conformance.Failure
		err  error
		then conformance.Outcome
	}{
		{"right place", &conformance.Failure{Name: "COLUMN_NOT_FOUND", Line: 1, Column: 8}, types.Errorf(types.ColumnNotFound, at, ""), conformance.Right},
		{"wrong place", &conformance.Failure{Name: "COLUMN_NOT_FOUND", Line: 1, Column: 9}, types.Errorf(types.ColumnNotFound, at, ""), conformance.Misplaced},
		{"error without place", &conformance.Failure{Name: "DIVISION_BY_ZERO"}, types.Errorf(types.DivisionByZero, at, ""), conformance.Right},
		{"another error", &conformance.Failure{Name: "COLUMN_NOT_FOUND"}, types.Errorf(types.TableNotFound, at, ""), conformance.Wrong},
		{"no answer", nil, types.Errorf(types.TableNotFound, at, ""), conformance.Wrong},
		{"not supported", nil, types.Errorf(types.NotSupported, at, ""), conformance.Unsupported},
		{"not supported where the server has an error", &conformance.Failure{Name: "COLUMN_NOT_FOUND"}, types.Errorf(types.NotSupported, at, ""), conformance.Unsupported},
		{"untyped error", nil, errors.New("boom"), conformance.Wrong},
		{"the server's defect", &conformance.Failure{Name: "COMPILER_ERROR", Type: "INTERNAL_ERROR"}, errors.New("boom"), conformance.Right},
	} {
		t.Run(c.name, func(t *testing.T) {
			outcome, problem := (&conformance.Case{Kind: "error", Error: c.want}).Judge(nil, c.err)
			require.Equal(t, c.then, outcome, problem)
		})
	}
	outcome, _ := (&conformance.Case{Kind: "error", Error: &conformance.Failure{Name: "COLUMN_NOT_FOUND"}}).Judge(&conformance.Answer{}, nil)
	require.Equal(t, conformance.Wrong, outcome, "an answer instead of an error")
}
