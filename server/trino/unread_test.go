package trino_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/trino"
)

const (
	// aWhile is more than a test waits for anything.
	aWhile = time.Minute
	often  = 5 * time.Millisecond
	// severalPages waits for its client after the first page.
	severalPages = "SELECT x, y, lpad('', 40, 'é') FROM UNNEST(sequence(1, 10000)) t (x), UNNEST(sequence(1, 10)) u (y)"
)

// postWhenRoom posts a statement as soon as it gets a place.
func (c *client) postWhenRoom(sql string) (a answer) {
	c.t.Helper()
	require.Eventually(c.t, func() bool {
		status, _, _ := c.request(http.MethodHead, c.url+"/v1/statement", "")
		require.Equal(c.t, http.StatusOK, status)
		a = answer{}
		status, _ = c.try(http.MethodPost, c.url+"/v1/statement", sql, &a)
		return status == http.StatusOK
	}, aWhile, often, "no place for %s", sql)
	return a
}

// follow reads the rest of an answer.
func (c *client) follow(a answer) answer {
	c.t.Helper()
	rows := a.Data
	for a.NextURI != "" {
		a = c.step(http.MethodGet, a.NextURI, "")
		rows = append(rows, a.Data...)
	}
	a.Data = rows
	return a
}

func TestAbandonedQueriesEnd(t *testing.T) {
	c := newClientOf(t, engine.Options{MaxOpen: 1}, trino.Options{Idle: 20 * time.Millisecond})
	a := c.post(endless)
	c.postWhenRoom("SELECT 1")
	a = c.follow(a)
	require.Equal(t, "ABANDONED_QUERY", a.Error.ErrorName)
}

// TestUnpolledStatementsGiveTheirPlacesBack: statements whose clients never ask
// for the answer do not keep others out once they have ended, and their clients
// may still come.
func TestUnpolledStatementsGiveTheirPlacesBack(t *testing.T) {
	c := newClientOf(t, engine.Options{MaxOpen: 3}, trino.Options{Unpolled: time.Hour, Idle: time.Hour})
	var unpolled []answer
	for i := range 100 {
		unpolled = append(unpolled, c.postWhenRoom(fmt.Sprintf("SELECT %d", i)))
	}
	require.Equal(t, [][]any{{7.0}}, c.follow(c.postWhenRoom("SELECT 7")).Data)
	for i, a := range unpolled {
		a = c.follow(a)
		require.Nil(t, a.Error)
		require.Equal(t, [][]any{{float64(i)}}, a.Data)
	}
}

// TestClientsThatNeverPoll: statements that wait for clients that never ask for
// a page leave their turn to others, and end soon.
func TestClientsThatNeverPoll(t *testing.T) {
	c := newClientOf(t, engine.Options{MaxRunning: 2}, trino.Options{Unpolled: time.Hour, Idle: time.Hour})
	var unpolled []answer
	for range 10 {
		unpolled = append(unpolled, c.post(severalPages))
	}
	require.Equal(t, [][]any{{1.0}}, c.ask("SELECT 1").Data)
	for _, a := range unpolled {
		require.False(t, c.hasEnded(a.ID), "nobody was sent away for it")
		require.Len(t, c.follow(a).Data, 100_000)
	}

	c = newClient(t, trino.Options{Unpolled: 20 * time.Millisecond, Idle: time.Hour})
	a := c.post(severalPages)
	require.Eventually(t, func() bool { return c.hasEnded(a.ID) }, aWhile, often)
	require.Equal(t, "ABANDONED_QUERY", c.follow(a).Error.ErrorName)
}

// TestOneUserLeavesPlacesToOthers: one user has at most half of the places.
func TestOneUserLeavesPlacesToOthers(t *testing.T) {
	c := newClientOf(t, engine.Options{MaxOpen: 4}, trino.Options{Unpolled: time.Hour, Idle: time.Hour})
	c.post(endless)
	c.post(endless)
	status, _, _ := c.request(http.MethodPost, c.url+"/v1/statement", "SELECT 1")
	require.Equal(t, http.StatusTooManyRequests, status)
	c.header.Set("X-Trino-User", "bob")
	require.Equal(t, [][]any{{1.0}}, c.ask("SELECT 1").Data)
}

// TestQueriesOfAllDoors: a client sees the queries of other doors, and not their texts. What changes a session, and what
// is wrong, is listed, too.
func TestQueriesOfAllDoors(t *testing.T) {
	c := newClient(t, trino.Options{})
	rows, err := c.lake.Query(t.Context(), "SELECT 'theirs'", engine.User("bob"), engine.ThroughDoor("command"))
	require.NoError(t, err)
	for rows.Next() {
	}
	require.NoError(t, rows.Close())
	c.ask("PREPARE p FROM SELECT 1")
	c.ask("USE nowhere.nothing")
	c.ask("SELECT FROM")
	const all = "SELECT state, user, query FROM system.runtime.queries ORDER BY created"
	a := c.post("SELECT 'mine'")
	a = c.follow(a)
	require.Regexp(t, "^[0-9a-f]{32}$", a.ID)
	require.ElementsMatch(t, [][]any{{"FINISHED", "bob", nil}, {"FINISHED", "ann", "SELECT 'mine'"},
		{"FINISHED", "ann", "PREPARE p FROM SELECT 1"}, {"FAILED", "ann", "USE nowhere.nothing"}, {"FAILED", "ann", "SELECT FROM"}, {"RUNNING", "ann", all}}, c.ask(all).Data)
}

// TestUnreadAnswersAreBounded: of answers that nobody fetches the oldest go, and
// never look complete.
func TestUnreadAnswersAreBounded(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options trino.Options
	}{
		{"number", trino.Options{MaxUnread: 2}},
		{"bytes", trino.Options{MaxUnreadBytes: 2000}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newClient(t, tt.options)
			var unread []answer
			for range 3 {
				a := c.post("SELECT lpad('', 900, 'x')")
				require.Eventually(t, func() bool { return c.hasEnded(a.ID) }, aWhile, often)
				unread = append(unread, a)
			}
			dropped := func(a answer) bool { return c.state(a.ID) == "FAILED" }
			require.Eventually(t, func() bool { return slices.ContainsFunc(unread, dropped) }, aWhile, often)
			require.False(t, dropped(unread[2]), "the newest goes last")
			whole := 0
			for _, a := range unread {
				wasDropped := dropped(a)
				a = c.follow(a)
				if wasDropped {
					require.Equal(t, "ABANDONED_QUERY", a.Error.ErrorName)
					require.Empty(t, a.Data)
					continue
				}
				require.Nil(t, a.Error)
				require.Len(t, a.Data, 1)
				whole++
			}
			require.Equal(t, 2, whole)
		})
	}
}
