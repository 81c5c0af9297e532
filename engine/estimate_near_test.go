package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/bench/gen"
	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/internal/material"
)

// TestEstimateIsNear: what is scanned lies in the estimate, whose upper end is near where nothing is left out while a
// statement runs: where it comes to every row group that the estimate counts, and there is none of which no row passes the filters,
// so that every column is read.
func TestEstimateIsNear(t *testing.T) {
	t.Parallel() // its lake is its own
	if testing.Short() {
		t.Skip("too long under the race detector; the unit stage runs it")
	}
	lake := januaryLake(t, 30_000)
	ctx, near, filtered := context.Background(), 0, 0
	var loose []string
	for id, sql := range questions(t) {
		estimate, err := lake.Estimate(ctx, sql)
		require.NoError(t, err, id)
		_, stats, err := ask(ctx, lake, sql)
		require.NoError(t, err, id)
		require.LessOrEqual(t, estimate.LowBytes, stats.BytesScanned, id)
		require.GreaterOrEqual(t, estimate.HighBytes, stats.BytesScanned, id)
		switch {
		case stats.EventsScanned < estimate.EventsScanned:
			continue // row groups were left out
		case float64(estimate.HighBytes) <= maxEstimateFactor*float64(stats.BytesScanned):
			near++
			if stats.EventsMatched < stats.EventsScanned {
				filtered++
			}
		case !hasIdleRowGroups(t, lake, id, stats):
			loose = append(loose, fmt.Sprintf("%s scans %d bytes, of at most %d: %s", id, stats.BytesScanned, estimate.HighBytes, sql))
		}
	}
	require.Empty(t, loose)
	require.Greater(t, near-filtered, 20, "questions that read all")
	require.Greater(t, filtered, 20, "questions with filters that read all")
	t.Logf("%d questions are near, %d of them with filters", near, filtered)
}

// filtersOf are those of the scans of questions of whose rows more pass than there are row groups, and yet none of some row groups.
var filtersOf = map[string][]string{
	"Q11":         {"useridentity.type = 'Root' AND useridentity.invokedby IS NULL AND eventtype <> 'AwsServiceEvent'"},
	"Q249585a7af": {"useridentity.type = 'Root' AND useridentity.invokedby IS NULL AND eventtype <> 'AwsServiceEvent'"},
	"Q4f7426ed32": {"cardinality(map_filter(requestparameters, (k, v) -> lower(k) LIKE '%policy%')) > 0 AND readonly = false AND eventsource = 'iam.amazonaws.com'"},
	"N5":          {"eventsource = 'iam.amazonaws.com' AND NOT readonly", "eventname = 'ConsoleLogin' AND errormessage IS NOT NULL"},
	"N49": {"(awsregion, useridentity.type) IN (('us-east-1', 'IAMUser'), ('us-east-1', 'AssumedRole'), ('eu-west-1', 'AssumedRole')) AND (eventsource, eventname) IN " +
		"(('iam.amazonaws.com', 'CreateAccessKey'), ('iam.amazonaws.com', 'AttachUserPolicy'), ('s3.amazonaws.com', 'PutBucketPolicy'), " +
		"('s3.amazonaws.com', 'DeleteObject'), ('kms.amazonaws.com', 'Decrypt'), ('sts.amazonaws.com', 'AssumeRole'))"},
}

// hasIdleRowGroups reports whether a question came to row groups, each a day of januaryLake, of which no row passed its filters.
func hasIdleRowGroups(t *testing.T, lake *engine.Lake, id string, stats engine.Stats) bool {
	groups := stats.Pruned.RowGroupsTotal - stats.Pruned.RowGroups
	if stats.EventsMatched < groups {
		return true
	}
	for _, filter := range filtersOf[id] {
		days, err := strconv.ParseInt(answerOf(t, lake, "SELECT count(DISTINCT date(eventtime)) FROM main WHERE "+filter)[0], 10, 64)
		require.NoError(t, err)
		t.Logf("%s: rows of %d days pass of %d that are read: %s", id, days, groups/int64(len(filtersOf[id])), filter)
		if days < groups/int64(len(filtersOf[id])) {
			return true
		}
	}
	return false
}

// maxEstimateFactor is how much more than is scanned an estimate's upper end may be, if nothing is left out.
const maxEstimateFactor = 1.3

// questions are those of the benchmark and the other audit questions of ours, over store main.
func questions(t *testing.T) map[string]string {
	asksTable := regexp.MustCompile(`\b(FROM|JOIN) ev\b`)
	out := map[string]string{}
	for _, name := range []string{"queries/bench.json", "queries/bench_more.json", "queries/bench_heldout.json"} {
		text, err := os.ReadFile(material.Own(t, name))
		require.NoError(t, err)
		var file struct{ Queries []struct{ ID, Trino string } }
		require.NoError(t, json.Unmarshal(text, &file))
		for _, q := range file.Queries {
			out[q.ID] = asksTable.ReplaceAllString(q.Trino, "$1 main")
		}
	}
	own, err := conformance.ReadFile(material.Own(t, "queries/own.jsonl"))
	require.NoError(t, err)
	for _, c := range own {
		if c.Error == nil {
			out[c.ID] = c.SQL
		}
	}
	return out
}

// januaryLake has the events of the days that the benchmark's questions ask for.
func januaryLake(t *testing.T, events int64) *engine.Lake {
	end := time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC)
	logs := t.TempDir()
	_, err := gen.Write(logs, gen.Options{Seed: 6, Events: events, Days: 31, EventsPerFile: 2000, End: end})
	require.NoError(t, err)
	lake := openLake(t, t.TempDir(), end)
	_, err = lake.Imports().Run(context.Background(), engine.ImportOptions{Paths: []string{logs}})
	require.NoError(t, err)
	return lake
}
