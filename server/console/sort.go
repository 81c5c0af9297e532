package console

import (
	"strings"
	"sync"

	"github.com/auditlake/auditlake/engine"
)

// maxSortedResults limits the cached orders of results.
const maxSortedResults = 1000

// sortKey is an order of a result. Users do not share an entry, because their rights may differ.
type sortKey struct {
	user, queryID string
	column        int
	descending    bool
}

// sortedResults caches the ids of queries that sorted a result, so that repeated clicks do not fill the disk.
type sortedResults struct {
	mu  sync.Mutex
	ids map[sortKey]string // mu
}

func newSortedResults() *sortedResults { return &sortedResults{ids: map[sortKey]string{}} }

func (s *sortedResults) get(key sortKey) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ids[key]
}

func (s *sortedResults) put(key sortKey, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.ids) >= maxSortedResults {
		clear(s.ids)
	}
	s.ids[key] = id
}

// sortResult sorts a stored result by a column. It reads the stored rows and scans nothing. The answer is the id of
// the query that has the sorted result.
func (d *Door) sortResult(c *call) (any, error) {
	var in struct {
		Column     int  `json:"column"`
		Descending bool `json:"descending"`
	}
	if err := readJSON(c.w, c.r, &in); err != nil {
		return nil, err
	}
	result, info, err := d.result(c)
	if err != nil {
		return nil, err
	}
	columns := result.Columns()
	if err := result.Close(); err != nil {
		return nil, err
	}
	if in.Column < 0 || in.Column >= len(columns) {
		return nil, notFound("the result has %d columns", len(columns))
	}
	type answer struct {
		ID string `json:"id"`
	}
	key := sortKey{c.caller.User(), info.ID, in.Column, in.Descending}
	if id := d.sorted.get(key); id != "" && d.isOfUse(id) {
		return answer{id}, nil
	}
	names := make([]string, len(columns))
	for i, column := range columns {
		names[i] = column.Name
	}
	id, err := d.run(c, sortDoorName, sortStatement(names, in.Column, in.Descending), []engine.QueryOption{
		engine.OverResult(info.ID), engine.Reading(engine.QueryReads{StoreIDs: info.StoreIDs, Tables: info.Tables}), engine.Written(info.SQL),
	})
	if err != nil {
		return nil, err
	}
	d.sorted.put(key, id)
	return answer{id}, nil
}

// isOfUse reports whether a sorting query is still running or its result is still stored.
func (d *Door) isOfUse(id string) bool {
	info, err := d.lake.Queries().Get(id)
	if err != nil || info.State.IsOver() && info.State != engine.QueryFinished {
		return false
	}
	if info.State != engine.QueryFinished {
		return true
	}
	result, err := d.lake.Queries().Results(id)
	if err != nil {
		return false
	}
	return result.Close() == nil
}

// sortStatement returns the statement that reads a stored result in the order of a column and restores the column
// names.
func sortStatement(names []string, by int, descending bool) string {
	sql := []string{"SELECT "}
	for i, name := range names {
		if i > 0 {
			sql = append(sql, ", ")
		}
		sql = append(sql, engine.ResultColumn(i), ` AS "`, strings.ReplaceAll(name, `"`, `""`), `"`)
	}
	sql = append(sql, ` FROM "`, engine.OverResultName, `" ORDER BY `, engine.ResultColumn(by))
	if descending {
		sql = append(sql, " DESC")
	}
	return strings.Join(sql, "")
}
