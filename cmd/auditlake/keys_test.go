package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

var createdKey = regexp.MustCompile(`^export AWS_ACCESS_KEY_ID=(A[KS]IA[A-Z2-7]{16})\nexport AWS_SECRET_ACCESS_KEY=([A-Za-z0-9+/]{40})\n(?:export AWS_SESSION_TOKEN=(\S{100,})\n)?$`)

// createKey makes a key on a command line, and returns its id, secret and token.
func createKey(t *testing.T, lake string, args ...string) (id, secret, token string) {
	t.Helper()
	got := command(t, append([]string{"--lake", lake, "keys", "create"}, args...)...)
	require.Equal(t, exitDone, got.code, got.err)
	found := createdKey.FindStringSubmatch(got.out)
	require.NotNil(t, found, got.out)
	require.Contains(t, got.err, "created access key "+found[1])
	return found[1], found[2], found[3]
}

// findKey opens the lake as a door does, and returns a key with its secret.
func findKey(t *testing.T, lake, id string) *engine.Credential {
	t.Helper()
	open, err := engine.Open(context.Background(), lake, engine.Options{MustExist: true})
	require.NoError(t, err)
	defer open.Close()
	found, err := open.Keys().Find(id)
	require.NoError(t, err)
	return found
}

func TestKeys(t *testing.T) {
	lake := filepath.Join(t.TempDir(), "lake")
	document := filepath.Join(t.TempDir(), "alice.json")
	text := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"cloudtrail:StartQuery","Resource":"*"}]}`
	require.NoError(t, os.WriteFile(document, []byte(text), 0o600))
	id, secret, token := createKey(t, lake, "--principal", "arn:aws:iam::123456789012:user/alice", "--policy", document,
		"--policy", "AWSCloudTrail_ReadOnlyAccess", "--max-bytes-per-query", "10GB", "--max-bytes-per-day", "50GB", "--expires", "90d")
	require.Empty(t, token)
	key := findKey(t, lake, id)
	require.Equal(t, secret, key.Secret)
	require.Equal(t, "123456789012", key.AccountID)
	require.Equal(t, int64(10e9), key.MaxBytesPerQuery)
	require.Equal(t, int64(50e9), key.MaxBytesPerDay)
	require.WithinDuration(t, time.Now().Add(90*24*time.Hour), key.ExpiresAt, time.Hour)
	require.Equal(t, []string{"alice.json", "AWSCloudTrail_ReadOnlyAccess"}, []string{key.Policies[0].Name, key.Policies[1].Name})
	require.Equal(t, text, key.Policies[0].Document)

	session, _, token := createKey(t, lake, "--session", "12h")
	require.True(t, strings.HasPrefix(session, "ASIA"))
	require.NoError(t, findKey(t, lake, session).Check(token, time.Now()))

	got := command(t, "--lake", lake, "keys", "list")
	require.Equal(t, exitDone, got.code, got.err)
	require.Regexp(t, `(?m)^`+id+`\s+active\s+arn:aws:iam::123456789012:user/alice\s+alice.json, AWSCloudTrail_ReadOnlyAccess .*10.0 GB +50.0 GB$`, got.out)
	require.Regexp(t, `(?m)^`+session+`\s+active\s+arn:aws:iam::000000000000:user/`+session+`\s+\(none\)`, got.out)
	require.NotContains(t, got.out, secret)

	got = command(t, "--lake", lake, "keys", "show", id)
	require.Contains(t, got.out, text)
	require.NotContains(t, got.out, secret)
	require.Equal(t, "revoked access key "+id+"\n", command(t, "--lake", lake, "keys", "revoke", id).out)
	require.Regexp(t, `(?m)^`+id+`\s+revoked`, command(t, "--lake", lake, "keys", "list").out)
	require.Regexp(t, `(?m)^revoked +20`, command(t, "--lake", lake, "keys", "show", id).out)
	got = command(t, "--lake", lake, "__completeNoDesc", "keys", "revoke", "ASIA")
	require.Equal(t, session+"\n:4\n", got.out)
}

func TestKeysErrors(t *testing.T) {
	lake := filepath.Join(t.TempDir(), "lake")
	createKey(t, lake)
	long := filepath.Join(t.TempDir(), "long.json")
	valid := `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`
	require.NoError(t, os.WriteFile(long, []byte(valid+strings.Repeat(" ", 11<<10)), 0o600))
	unknown := filepath.Join(t.TempDir(), "unknown.json")
	text := `{"Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:ViaAWSService":"true"}}}}`
	require.NoError(t, os.WriteFile(unknown, []byte(text), 0o600))
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"no such policy":             {[]string{"create", "--policy", "AWSCloudTrail_Full"}, exitUsage, "must be a readable file or one of AWSCloudTrail_FullAccess, AWSCloudTrail_ReadOnlyAccess"},
		"long policy":                {[]string{"create", "--policy", long}, exitUsage, "11324 bytes"},
		"policy with an unknown key": {[]string{"create", "--policy", unknown}, exitUsage, `unknown.json: policy: Statement[0].Condition.Bool: unknown key "aws:ViaAWSService"`},
		"wrong principal":            {[]string{"create", "--principal", "alice"}, exitUsage, "arn:aws:iam::123456789012:user/alice"},
		"wrong account":              {[]string{"create", "--account", "42"}, exitUsage, "an account has 12 digits"},
		"expires in the past":        {[]string{"create", "--expires", "2020-01-01"}, exitUsage, "is in the past"},
		"expires never":              {[]string{"create", "--expires", "never"}, exitUsage, `"never" is not a time; use 2026-12-31, 2026-12-31T10:00:00Z, 90d or 12h`},
		"wrong session":              {[]string{"create", "--session", "long"}, exitUsage, `"long" is not a duration; use 90d, 12h or 30m`},
		"short session":              {[]string{"create", "--session", "1m"}, exitUsage, "a session lasts from 15m0s to 36h0m0s"},
		"cap of nothing":             {[]string{"create", "--max-bytes-per-day", "0"}, exitUsage, "--max-bytes-per-day must be more than 0"},
		"wrong cap":                  {[]string{"create", "--max-bytes-per-query", "much"}, exitUsage, "is not a size; use 2GB, 500MB or 10MiB"},
		"argument":                   {[]string{"create", "alice"}, exitUsage, `unexpected argument "alice"; usage: auditlake keys create`},
		"show nothing":               {[]string{"show", "AKIANONE"}, exitFailed, "access key not found: AKIANONE"},
		"revoke nothing":             {[]string{"revoke", "AKIANONE"}, exitFailed, "access key not found: AKIANONE"},
	} {
		t.Run(name, func(t *testing.T) {
			got := command(t, append([]string{"--lake", lake, "keys"}, c.args...)...)
			require.Equal(t, c.code, got.code, got.err)
			require.Contains(t, got.err, c.want)
			require.Empty(t, got.out)
		})
	}
	for _, line := range []string{"create", "revoke AKIANONE"} {
		got := command(t, append([]string{"--lake", lake, "--read-only", "keys"}, strings.Fields(line)...)...)
		require.Equal(t, exitUsage, got.code, got.err)
		require.Contains(t, got.err, "cannot run with --read-only")
	}
	require.Equal(t, exitDone, command(t, "--lake", lake, "--read-only", "keys", "list").code)
}

// TestRootKeyOfServe: the first start makes the root key, and writes it to a file of the owner's; further ones leave it.
func TestRootKeyOfServe(t *testing.T) {
	lake := sampleLake(t)
	_, stop := serveLake(t, lake)
	stop()
	path := filepath.Join(lake, "root-credentials")
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Zero(t, info.Mode().Perm()&0o077)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	found := regexp.MustCompile(`^\[default\]\naws_access_key_id = (AKIA\w{16})\naws_secret_access_key = (\S{40})\n$`).FindStringSubmatch(string(text))
	require.NotNil(t, found, string(text))
	key := findKey(t, lake, found[1])
	require.Equal(t, found[2], key.Secret)
	require.True(t, key.IsRoot)

	_, stop = serveLake(t, lake)
	stop()
	again, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, text, again)

	// A key that is made while the server holds the lake is made there.
	_, stop = serveLake(t, lake)
	id, secret, _ := createKey(t, lake)
	stop()
	require.Equal(t, secret, findKey(t, lake, id).Secret)
}

func TestRootKeyFromTheEnvironment(t *testing.T) {
	lake := sampleLake(t)
	t.Setenv("AUDITLAKE_ROOT_ACCESS_KEY_ID", "AKIDEXAMPLE")
	got := command(t, "--lake", lake, "serve", "--listen", "127.0.0.1:0")
	require.Equal(t, exitUsage, got.code, got.err)
	require.Contains(t, got.err, "set both AUDITLAKE_ROOT_ACCESS_KEY_ID and AUDITLAKE_ROOT_SECRET_ACCESS_KEY, or neither")
	t.Setenv("AUDITLAKE_ROOT_SECRET_ACCESS_KEY", "short")
	got = command(t, "--lake", lake, "serve", "--listen", "127.0.0.1:0")
	require.Equal(t, exitUsage, got.code, got.err)
	t.Setenv("AUDITLAKE_ROOT_SECRET_ACCESS_KEY", "not-a-secret-example-key")
	_, stop := serveLake(t, lake)
	got = command(t, "--lake", lake, "keys", "list")
	require.Regexp(t, `(?m)^AKIDEXAMPLE +active +arn:aws:iam::000000000000:root +\(everything\)`, got.out)
	stop()
	require.NoFileExists(t, filepath.Join(lake, "root-credentials"))
	require.NotContains(t, command(t, "--lake", lake, "keys", "list").out, "AKIDEXAMPLE", "nothing of it is written down")
}
