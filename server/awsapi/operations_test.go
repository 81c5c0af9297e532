package awsapi

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/material"
	"github.com/auditlake/auditlake/server/awsapi/model"
)

// TestOperationsAreDocumented: the table of docs/aws-api.md has the operations that there are, and no other.
func TestOperationsAreDocumented(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(material.Module(t), "docs", "aws-api.md"))
	require.NoError(t, err)
	var documented []string
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\|").FindAllStringSubmatch(string(text), -1) {
		documented = append(documented, row[1])
	}
	here := slices.AppendSeq(slices.Collect(maps.Keys(operations[model.CloudTrail])), maps.Keys(operations[model.CloudTrailData]))
	slices.Sort(here)
	require.Equal(t, here, documented)
}

// TestEveryOperation: the door has each operation of the model.
func TestEveryOperation(t *testing.T) {
	for service, shapes := range model.Services() {
		for name := range shapes.Operations {
			require.NotNil(t, operations[service][name], "%s of %s", name, service)
		}
	}
}

// TestErrorsHaveNames: whatever the tables call an error is a name that the service has, or that AWS has for all.
func TestErrorsHaveNames(t *testing.T) {
	known := model.Services()[model.CloudTrail].Errors
	others := []string{serviceUnavailable, "UnrecognizedClientException", "ExpiredTokenException", "InvalidTokenException", "ValidationException"}
	for _, e := range engineErrors {
		require.True(t, known[e.code] != 0 || slices.Contains(others, e.code), e.code)
	}
	for member, codes := range memberErrors {
		for _, code := range codes {
			require.True(t, known[code] != 0 || slices.Contains(others, code) || member == "channelArn", "%s: %s", member, code)
		}
	}
}
