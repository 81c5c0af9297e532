package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/material"
)

// grafanaTime is the range that somebody looks at in Grafana.
type grafanaTime struct{ from, to time.Time }

// grafanaMacro is a name with arguments, as the plugin for Trino replaces it in statements.
var grafanaMacro = regexp.MustCompile(`\$__(\w+)\(([^()]*)\)`)

// expand replaces the macros of a statement as the plugin does it, over a range of time and with intervals of some seconds.
func (r grafanaTime) expand(t *testing.T, sql string, seconds int) string {
	t.Helper()
	instant := func(at time.Time) string { return "TIMESTAMP '" + at.UTC().Format(time.DateTime) + "'" }
	return grafanaMacro.ReplaceAllStringFunc(sql, func(macro string) string {
		parts := grafanaMacro.FindStringSubmatch(macro)
		column, _, _ := strings.Cut(parts[2], ",")
		switch parts[1] {
		case "timeFilter":
			return column + " BETWEEN " + instant(r.from) + " AND " + instant(r.to)
		case "timeFrom":
			return instant(r.from)
		case "timeTo":
			return instant(r.to)
		case "timeGroup":
			return fmt.Sprintf("FROM_UNIXTIME(FLOOR(TO_UNIXTIME(%s)/%[2]v)*%[2]v)", column, float64(seconds))
		case "unixEpochGroup":
			return fmt.Sprintf("FROM_UNIXTIME(FLOOR(%s/%[2]v)*%[2]v)", column, float64(seconds))
		case "unixEpochFilter":
			return fmt.Sprintf("%s BETWEEN %d AND %d", column, r.from.Unix(), r.to.Unix())
		case "dateFilter":
			return fmt.Sprintf("%s BETWEEN date '%s' AND date '%s'", column, r.from.UTC().Format(time.DateOnly), r.to.UTC().Format(time.DateOnly))
		case "parseTime":
			return "TIMESTAMP " + column
		}
		require.Fail(t, "a macro that the plugin does not have", macro)
		return ""
	})
}

// grafanaStatement is what trinogo asks as Grafana does.
type grafanaStatement struct {
	SQL   string
	Kind  string
	Empty bool
}

// grafanaDashboard returns the statements of the guide's dashboard: those of its variables, and those of its panels over every service.
func grafanaDashboard(t *testing.T, over grafanaTime) (out []grafanaStatement) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(material.Module(t), "docs", "guide", "grafana-dashboard.json"))
	require.NoError(t, err)
	var dashboard struct {
		Templating struct {
			List []struct{ Name, Type, Query string }
		}
		Panels []struct {
			Title, Type string
			Targets     []struct {
				RawSQL string
				Format int
			}
		}
	}
	require.NoError(t, json.Unmarshal(text, &dashboard))
	require.Len(t, dashboard.Templating.List, 2)
	variables := strings.NewReplacer("${store}", dashboard.Templating.List[0].Query, "$__interval", "1h",
		"$service", "'ec2.amazonaws.com','iam.amazonaws.com','s3.amazonaws.com','signin.amazonaws.com','sts.amazonaws.com','it''s.amazonaws.com'")
	out = append(out, grafanaStatement{SQL: over.expand(t, variables.Replace(dashboard.Templating.List[1].Query), 0)})
	for _, p := range dashboard.Panels {
		require.Len(t, p.Targets, 1, p.Title)
		require.Equal(t, p.Type == "timeseries", p.Targets[0].Format == 0, "%s: the plugin makes series of the format 0", p.Title)
		out = append(out, grafanaStatement{SQL: over.expand(t, variables.Replace(p.Targets[0].RawSQL), 3600), Kind: p.Type})
	}
	require.Greater(t, len(out), 8)
	return out
}

// TestGrafanaDashboard: each statement of the guide's dashboard for Grafana finds rows in the demo's events.
func TestGrafanaDashboard(t *testing.T) {
	lake := sampleLake(t)
	over := grafanaTime{time.Now().Add(-7 * 24 * time.Hour), time.Now()}
	for _, s := range grafanaDashboard(t, over) {
		got := command(t, "--lake", lake, "query", "--format", "ndjson", s.SQL)
		require.Equal(t, exitDone, got.code, "%s\n%s", s.SQL, got.err)
		require.NotEmpty(t, got.out, s.SQL)
	}
}

// TestTrinoClientGrafana: the guide's dashboard, and every macro of Grafana's plugin for Trino, asked by the client that the plugin uses and with its settings.
func TestTrinoClientGrafana(t *testing.T) {
	program := trinoGo(t)
	over := grafanaTime{time.Now().Add(-7 * 24 * time.Hour), time.Now()}
	statements := grafanaDashboard(t, over)
	const from = " FROM auditlake.default.main WHERE "
	for _, macros := range []grafanaStatement{
		{SQL: "SELECT 1"},
		{SQL: "SELECT /* timeGroup was here */ $__timeGroup(eventtime,'2592000s') AS time, CAST(count(*) AS double) AS value, 'all' AS metric" + from + "$__timeFilter(eventtime) GROUP BY 1, 3 ORDER BY 1", Kind: "timeseries"},
		{SQL: "SELECT $__unixEpochGroup(at,'1h'), count(*) AS value FROM (SELECT to_unixtime(eventtime) AS at FROM auditlake.default.main) WHERE $__unixEpochFilter(at) GROUP BY 1 ORDER BY 1", Kind: "timeseries"},
		{SQL: "SELECT day, count(*) AS events FROM (SELECT date(eventtime) AS day FROM auditlake.default.main) WHERE $__dateFilter(day) GROUP BY 1"},
		{SQL: "SELECT count(*) AS events" + from + "eventtime > $__timeFrom() AND eventtime < $__timeTo() AND eventtime > $__parseTime('2020-01-01 00:00:00')"},
		{SQL: "SELECT eventtime, eventname" + from + "eventname = 'it''s' AND $__timeFilter(eventtime)", Empty: true},
	} {
		macros.SQL = over.expand(t, macros.SQL, 2592000)
		statements = append(statements, macros)
	}
	asked, err := json.Marshal(statements)
	require.NoError(t, err)
	command := exec.Command(program, "grafana", "http://grafana@"+serve(t))
	command.Stdin = bytes.NewReader(asked)
	out, err := command.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Equal(t, len(statements), strings.Count(string(out), "asked "), string(out))
	require.Contains(t, string(out), "ok grafana")
}

// TestTrinoClientGo: Trino's client for Go sees values, pages, parameters, errors and cancelled statements as a Trino server would give them.
func TestTrinoClientGo(t *testing.T) {
	out, err := exec.Command(trinoGo(t), "client", "http://ann@"+serve(t)).CombinedOutput()
	require.NoError(t, err, string(out))
	require.Equal(t, 8, strings.Count(string(out), "checked "), string(out))
	require.Contains(t, string(out), "ok client")
}

// trinoGo is the program of testdata/trinogo.
func trinoGo(t *testing.T) string {
	t.Helper()
	program := os.Getenv("AUDITLAKE_TRINO_GO")
	if program == "" {
		t.Skip("AUDITLAKE_TRINO_GO does not name the program of cmd/auditlake/testdata/trinogo")
	}
	return program
}
