// Package examples_test asks the example questions over events in which each of them finds something.
package examples_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/internal/material"
)

// finds has what each example finds: a row with these cells among others, in the answer's order. Only planted events have them.
var finds = map[string]string{
	"anomalies/busy-hours.sql":                "user/steady,2025-12-24 12:00:00.000,80,",
	"anomalies/never-done-before.sql":         "user/mover,TerminateInstances,2025-12-30 08:00:10.000",
	"anomalies/rare-regions.sql":              "ap-southeast-7,RunInstances,",
	"anomalies/refused-everywhere.sql":        "user/scanner,7,7,2025-12-25 01:00:00.000,2025-12-25 01:06:00.000,",
	"anomalies/steps-of-a-break-in.sql":       "AKIAPLANTED00000001,arn:aws:iam::999900001111:user/mallory,2025-12-27 03:50:00.000,2025-12-27 06:20:00.000",
	"anomalies/two-places-at-once.sql":        "user/traveller,2025-12-26 10:00:00.000,2025-12-26 10:06:00.000,192.0.2.1,203.0.113.250",
	"cost/largest-sources.sql":                "events.amazonaws.com,PutEvents,30,0.0",
	"cost/machines-started.sql":               "p5.48xlarge,ap-southeast-7,arn:aws:iam::999900001111:user/mallory,1,20",
	"cost/throttled-callers.sql":              "assumed-role/chatty/loop,dynamodb.amazonaws.com,DescribeTable,25,2025-12-23 12:00:24.000",
	"identity/guessed-passwords.sql":          "2025-12-28 10:07:00.000,203.0.113.66,guessed,6",
	"identity/keys-in-use.sql":                "AKIAPLANTED00000003,arn:aws:iam::999900001111:user/steady,2025-12-20 00:00:00.000,2025-12-24 12:39:30.000,110,1",
	"identity/mfa-removed.sql":                "user/mallory,DeactivateMFADevice,victim,198.51.100.7",
	"identity/new-access-keys.sql":            "user/mallory,backdoor,AKIABACKDOOR0000001",
	"identity/roles-assumed-from-outside.sql": "888800002222,arn:aws:iam::999900001111:role/shared-with-others,1,",
	"identity/root-user.sql":                  "2025-12-27 03:00:00.000,999900001111,account.amazonaws.com,CloseAccount,",
	"identity/sign-ins-without-mfa.sql":       "2025-12-28 09:00:00.000,nomfa,IAMUser,203.0.113.9,999900001111",
	"network/new-addresses.sql":               "user/mover,192.0.2.99,2025-12-30 08:00:00.000,2",
	"network/old-tls.sql":                     "TLSv1.1,arn:aws:iam::999900001111:user/oldclient,",
	"network/open-security-groups.sql":        "user/mallory,sg-0planted,22,22",
	"network/range-of-addresses.sql":          "192.0.2.99,arn:aws:iam::999900001111:user/mover,2,",
	"privilege/administrators-made.sql":       "user/mallory,PutUserPolicy,backdoor",
	"privilege/keys-to-be-deleted.sql":        "user/mallory,ScheduleKeyDeletion,planted-key,2026-01-03 08:00:00.000",
	"privilege/policy-changes.sql":            "user/mallory,AttachRolePolicy,planted-role,arn:aws:iam::aws:policy/AdministratorAccess",
	"privilege/secrets-read.sql":              "2025-12-27 07:00:00.000,arn:aws:sts::999900001111:assumed-role/planted-role/thief,12,12",
	"privilege/trails-switched-off.sql":       "user/mallory,cloudtrail.amazonaws.com,StopLogging,planted-trail,",
	"privilege/trust-changed.sql":             `user/mallory,planted-role,[{"AWS":"888800002222"}]`,
	"s3/anonymous-access.sql":                 "2025-12-29 01:40:00.000,GetObject,open-house,secret.txt,",
	"s3/buckets-opened.sql":                   "2025-12-29 01:00:00.000,PutBucketPolicy,open-house,arn:aws:iam::999900001111:user/mallory,true",
	"s3/bytes-out.sql":                        "ledger-archive,arn:aws:iam::999900001111:user/mallory,1,98.765",
	"s3/deleted-objects.sql":                  "2025-12-29,ledger-archive,arn:aws:iam::999900001111:user/mallory,40",
}

// TestExamples asks every example on New Year's Day of 2026, over ordinary events and the planted ones.
func TestExamples(t *testing.T) {
	ctx := context.Background()
	now := func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }
	lake, err := engine.Open(ctx, t.TempDir(), engine.Options{Now: now})
	require.NoError(t, err)
	defer lake.Close()
	file := filepath.Join(t.TempDir(), "planted.ndjson")
	require.NoError(t, os.WriteFile(file, []byte(planted()), 0o600))
	result, err := lake.Imports().Run(ctx, engine.ImportOptions{Paths: []string{material.Own(t, "logs"), file}})
	require.NoError(t, err)
	require.EqualValues(t, 2000+strings.Count(planted(), "\n"), result.Events)

	for _, name := range exampleFiles(t) {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, finds, name, "what does it find?")
			sql, err := os.ReadFile(name)
			require.NoError(t, err)
			require.Contains(t, rowsOf(t, lake, string(sql)), finds[name])
		})
	}
	require.Len(t, exampleFiles(t), len(finds))
}

func exampleFiles(t *testing.T) (names []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(".", func(name string, _ fs.DirEntry, err error) error {
		if filepath.Ext(name) == ".sql" {
			names = append(names, filepath.ToSlash(name))
		}
		return err
	}))
	return names
}

// rowsOf returns the rows of an answer, a line for each, cells divided by commas.
func rowsOf(t *testing.T, lake *engine.Lake, sql string) string {
	t.Helper()
	rows, err := lake.Query(context.Background(), sql)
	require.NoError(t, err)
	defer rows.Close()
	var out strings.Builder
	for rows.Next() {
		arrays := rows.Arrays()
		for row := range int(rows.Record().NumRows()) {
			for i, c := range rows.Columns() {
				cell := string(answer.AppendJSON(nil, c.Type, arrays[i], row))
				out.WriteString(strings.ReplaceAll(strings.Trim(cell, `"`), `\"`, `"`) + ",")
			}
			out.WriteByte('\n')
		}
	}
	require.NoError(t, rows.Err())
	return out.String()
}

// TestExplanations: each example begins with a line that explains it, and README.md lists both.
func TestExplanations(t *testing.T) {
	page, err := os.ReadFile("README.md")
	require.NoError(t, err)
	for _, name := range exampleFiles(t) {
		sql, err := os.ReadFile(name)
		require.NoError(t, err)
		first, _, _ := strings.Cut(string(sql), "\n")
		explanation, found := strings.CutPrefix(first, "-- ")
		require.True(t, found, name)
		require.Contains(t, string(page), "| ["+strings.TrimSuffix(name, ".sql")+"]("+name+") | "+explanation+" |\n")
	}
}
