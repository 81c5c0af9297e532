package main

import (
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestStoreCommandsSayWhatTheyDid: and until when a deletion can be taken back.
func TestStoreCommandsSayWhatTheyDid(t *testing.T) {
	lake := sampleLake(t)
	for _, step := range []struct {
		args []string
		want string
	}{
		{[]string{"stop", "main"}, `^store main: STOPPED_INGESTION; it accepts no pushed events until you start it\n$`},
		{[]string{"start", "main"}, `^store main: ENABLED; it accepts pushed events\n$`},
		{[]string{"update", "main", "--no-termination-protection"}, `termination protection +off`},
		{[]string{"delete", "main"}, `^deleted store main; it can be restored until \S+Z with auditlake store restore [0-9a-f-]{36}\n$`},
	} {
		got := command(t, append([]string{"--lake", lake, "store"}, step.args...)...)
		require.Equal(t, exitDone, got.code, got.err)
		require.Regexp(t, step.want, got.out)
		if step.args[0] != "delete" {
			continue
		}
		parts := regexp.MustCompile(`until (\S+) .* restore (\S+)`).FindStringSubmatch(got.out)
		until, err := time.Parse(time.RFC3339, parts[1])
		require.NoError(t, err)
		require.WithinRange(t, until, time.Now().Add(6*24*time.Hour), time.Now().Add(8*24*time.Hour))
		shown := command(t, "--lake", lake, "store", "show", parts[2])
		require.Regexp(t, `restorable +until `+parts[1]+`: auditlake store restore `+parts[2]+`\n`, shown.out)
		require.Equal(t, exitDone, command(t, "--lake", lake, "describe", parts[2]).code)
		restored := command(t, "--lake", lake, "store", "restore", parts[2])
		require.Equal(t, exitDone, restored.code, restored.err)
		require.NotContains(t, restored.out, "restorable")
	}
}
