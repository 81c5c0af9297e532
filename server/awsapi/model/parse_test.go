package model

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWrongTables: what is wrong with a table of operations is said with its place.
func TestWrongTables(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"no JSON", `{`, "model: unexpected end of JSON input"},
		{"a pattern", `{"s": {"operations": {"Get": {"input": [{"name": "Id", "pattern": "("}]}}}}`, "model: Get: Id: error parsing regexp"},
		{"a pattern of elements", `{"s": {"operations": {"Get": {"output": [{"name": "Ids", "item": {"name": "Id", "pattern": "["}}]}}}}`, "model: Get: Id: error parsing regexp"},
		{"a structure that is not there", `{"s": {"operations": {"Get": {"input": [{"name": "Tag", "of": "Tag"}]}}}}`, "model: Get: Tag: no structure Tag"},
		{"a structure in a structure", `{"s": {"structures": {"Tag": [{"name": "Key", "of": "Key"}]}}}`, "model: Tag: Key: no structure Key"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parse([]byte(tt.text))
			require.ErrorContains(t, err, tt.want)
		})
	}
}
