package eventhistory

import (
	"encoding/json"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestParameterTable: each line of the table makes a resource of its parameter, and no line is there twice.
func TestParameterTable(t *testing.T) {
	require.GreaterOrEqual(t, len(parameters), 60)
	seen := map[string]bool{}
	for _, p := range parameters {
		name := p.eventSource + " " + p.member
		inner := `"n"`
		for i := len(p.path) - 1; i >= 0; i-- {
			inner = `[{"` + p.path[i] + `":` + inner + `}]`
		}
		value := "n"
		if len(p.path) > 0 {
			value = inner
		}
		for _, part := range p.path {
			name += "." + part
		}
		require.False(t, seen[name], name)
		seen[name] = true
		require.Regexp(t, regexp.MustCompile(`^AWS::[A-Za-z0-9]+::[A-Za-z0-9]+$`), p.resourceType)
		got, err := resourcesOf(p.eventSource, "", `{"`+p.member+`":`+quote(value)+`}`)
		require.NoError(t, err)
		require.Contains(t, got, Resource{p.resourceType, "n"}, name)
	}
	_, err := resourcesOf("s3.amazonaws.com", "{", "")
	require.ErrorContains(t, err, "resources")
	_, err = resourcesOf("s3.amazonaws.com", "", "[")
	require.ErrorContains(t, err, "request parameters")
}

func quote(text string) string {
	out, _ := json.Marshal(text) // texts always can be written
	return string(out)
}
