package query_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/engine/query"
)

// longStatements have workers, and readers that wait for them, of each kind.
var longStatements = []string{
	"SELECT eventname, count(*), max(n) FROM main CROSS JOIN UNNEST(sequence(1, 30)) AS u (n) GROUP BY 1 ORDER BY 1",
	"SELECT max(r) FROM (SELECT row_number() OVER (ORDER BY eventjson, n) r FROM main CROSS JOIN UNNEST(sequence(1, 30)) AS u (n))",
	"SELECT eventid, n FROM main CROSS JOIN UNNEST(sequence(1, 20)) AS u (n) ORDER BY n DESC, eventid",
	"SELECT count(*), max(a.eventname || b.eventname) FROM main a JOIN main b ON a.awsregion = b.awsregion AND a.eventname = b.eventname",
	"SELECT count(*) FROM (SELECT DISTINCT eventid || CAST(n AS varchar) FROM main CROSS JOIN UNNEST(sequence(1, 20)) AS u (n))",
	"SELECT sum(c) FROM (SELECT count(*) OVER (PARTITION BY eventname ORDER BY eventtime) c FROM main CROSS JOIN UNNEST(sequence(1, 10)) AS u (n))",
	"SELECT eventid FROM main WHERE eventname NOT IN (SELECT eventname FROM main WHERE errorcode IS NOT NULL) ORDER BY 1 LIMIT 5",
	"EXPLAIN ANALYZE SELECT awsregion, count(*) FROM main GROUP BY 1",
}

// TestStatementsShareTheProcessors: statements that wait for each other's permits all come to their end, with the answers that they have alone,
// also beside those that are cancelled or not read to their end.
func TestStatementsShareTheProcessors(t *testing.T) {
	for name, c := range map[string]struct {
		permits int
		memory  int64 // of the lake; with little of it statements spill
	}{
		"one permit":                 {permits: 1},
		"two permits, little memory": {permits: 2, memory: 24 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			alone := make([]string, len(longStatements))
			for i, sql := range longStatements {
				var err error
				alone[i], err = f.answer(sql)
				require.NoError(t, err, sql)
			}
			f.memory, f.maxRunning, f.spillLimit = c.memory, len(longStatements), 1<<30
			f.reopen()
			f.GateStrictly(c.permits)
			var asking sync.WaitGroup
			for i, sql := range longStatements {
				isTimed := i == len(longStatements)-1
				asking.Go(func() {
					for range 2 {
						got, err := f.answer(sql)
						switch {
						case err != nil && !memory.IsFull(err):
							t.Errorf("%s: %v", sql, err)
						case err == nil && !isTimed && got != alone[i]:
							t.Errorf("%s: another answer", sql)
						}
						f.leaveEarly(sql, i)
					}
				})
			}
			asking.Wait()
		})
	}
}

// answer is the text of all rows.
func (f *fixture) answer(sql string) (string, error) {
	rows, err := f.Query(context.Background(), sql)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for rows.Next() {
		columns := rows.Arrays()
		for row := range columns[0].Len() {
			for _, a := range columns {
				text.WriteString(a.ValueStr(row) + "\n")
			}
		}
	}
	return text.String(), errors.Join(rows.Err(), rows.Close())
}

// leaveEarly asks a statement and ends it while it runs: by cancelling it, or by closing its answer.
func (f *fixture) leaveEarly(sql string, after int) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if after%2 == 0 {
		time.AfterFunc(time.Duration(after)*time.Millisecond, cancel)
	}
	rows, err := f.Query(ctx, sql, query.User("another"))
	if err != nil {
		return
	}
	rows.Next()
	if err := rows.Close(); err != nil {
		f.t.Error(err)
	}
}
