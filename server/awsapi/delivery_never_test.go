package awsapi_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDeliveryPlacesThatCanNeverBeWritten: StartQuery refuses them, so that no delivery is tried again and again.
func TestDeliveryPlacesThatCanNeverBeWritten(t *testing.T) {
	f := newFixture(t)
	s := f.serveBuckets("results")
	require.NoError(t, os.Symlink(t.TempDir(), filepath.Join(s.folder, "out")))
	require.NoError(t, os.WriteFile(filepath.Join(s.folder, "file"), nil, 0o600))
	for _, place := range []string{"out", "file/below", ".auditlake-unfinished/x", strings.Repeat("x", 300)} {
		f.refused("InvalidS3PrefixException", "StartQuery", of("QueryStatement", "SELECT 1", "DeliveryS3Uri", "s3://local-exports/"+place))
	}
	f.get("StartQuery", of("QueryStatement", "SELECT 1", "DeliveryS3Uri", "s3://local-exports/fine"))
}
