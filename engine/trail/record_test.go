package trail

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/material"
)

// TestATrailIsItsRecord: no field of a record is lost on the way to those who see the trail, and back.
func TestATrailIsItsRecord(t *testing.T) {
	kept, shown := material.Record(t, "Trail", fromRecord, record)
	require.Equal(t, kept.ARN(), shown.ARN())
}
