package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestStoreLife: a store is made, changed, protected, deleted and restored.
func TestStoreLife(t *testing.T) {
	lake := filepath.Join(t.TempDir(), "lake")
	store := func(args ...string) outcome {
		return command(t, append([]string{"--lake", lake, "store"}, args...)...)
	}
	done := func(args ...string) string {
		t.Helper()
		got := store(args...)
		require.Equal(t, exitDone, got.code, got.err)
		return got.out
	}
	made := done("create", "main", "--retention", "90d", "--billing", "fixed", "--dedupe", "eventid", "--tag", "team=sec", "--termination-protection")
	require.Regexp(t, `duplicates +dropped \(--dedupe eventid\)`, made)
	require.Regexp(t, `tag team +sec`, made)
	changed := done("update", "main", "--name", "trail", "--retention", "100d", "--billing", "extendable")
	require.Contains(t, changed, "trail")
	require.Contains(t, changed, "100 days")

	got := store("delete", "trail")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, "to turn it off: auditlake store update trail --no-termination-protection")
	done("update", "trail", "--no-termination-protection")
	done("delete", "trail")
	require.Contains(t, done("list"), "PENDING_DELETION")
	require.Contains(t, done("restore", "trail"), "trail")
	require.NotContains(t, done("list"), "PENDING_DELETION")
	done("stop", "trail")
	require.Contains(t, done("show", "trail"), "STOPPED_INGESTION")
	done("start", "trail")
	require.NotContains(t, done("show", "trail"), "STOPPED_INGESTION")
}

// TestStoreRefusals: what a store cannot be, and what there is not.
func TestStoreRefusals(t *testing.T) {
	dir := t.TempDir()
	lake, wrong := filepath.Join(dir, "lake"), filepath.Join(dir, "wrong.json")
	require.NoError(t, os.WriteFile(wrong, []byte(`{"no":"list"}`), 0o600))
	t.Setenv("AUDITLAKE_DIR", lake)
	require.Equal(t, exitDone, command(t, "store", "create", "main").code)
	for _, tt := range []struct {
		args, reason string
		code         int
	}{
		{"create other --billing free", `--billing must be extendable or fixed, not "free"`, exitUsage},
		{"create other --retention long", `"long" is not a number of days; use 366d`, exitUsage},
		{"create other --dedupe all", `--dedupe must be eventid, not "all"`, exitUsage},
		{"create other --eventjson none", `--eventjson must be text or rebuilt, not "none"`, exitUsage},
		{"create other --tag =x", `a tag must be key=value or key, not "=x"`, exitUsage},
		{"create other --selectors " + wrong, "selectors in " + wrong, exitFailed},
		{"create other --selectors " + wrong + ".no", "wrong.json.no", exitFailed},
		{"create main", "main", exitFailed},
		{"update main", "nothing to change; pass at least one flag", exitUsage},
		{"update main --lake " + lake, "nothing to change; pass at least one flag", exitUsage},
		{"update main --retention 0", `"0" is not a number of days; use 366d`, exitUsage},
		{"update main --billing free", `--billing must be extendable or fixed`, exitUsage},
		{"update main --selectors " + wrong, "selectors in " + wrong, exitFailed},
		{"update none --name x", "none", exitFailed},
		{"show none", "none", exitFailed},
		{"delete none", "none", exitFailed},
		{"restore none", "none", exitFailed},
		{"stop none", "none", exitFailed},
	} {
		t.Run(tt.args, func(t *testing.T) {
			got := command(t, append([]string{"store"}, strings.Fields(tt.args)...)...)
			require.Contains(t, got.err, tt.reason)
			require.Equal(t, tt.code, got.code, got.err)
		})
	}
}
