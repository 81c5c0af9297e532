package completion

import (
	"fmt"
	"strings"

	"github.com/auditlake/auditlake/engine"
)

// Ask returns the rows of a statement's answer as texts; none if it fails, as where there is no lake yet.
type Ask func(sql string) [][]string

// New returns a completer of statements over the lake that ask asks.
func New(ask Ask) *Completer { return &Completer{Words: ask.words, Keys: ask.mapKeys} }

// words are the names that a statement may have: tables, columns with their fields, functions.
func (ask Ask) words() []string {
	var words []string
	for _, f := range engine.Functions("") {
		words = append(words, f.Name)
	}
	for _, row := range ask("SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'default'") {
		words = append(words, row[0], row[1])
		for _, field := range engine.FieldNames(row[2]) {
			words = append(words, row[1]+"."+field)
		}
	}
	return words
}

// sampledRows is how many events are read to find the keys of their maps.
const sampledRows = 5000

// mapKeys returns keys that occur in a column of maps, in the first rows of the first table that has it; none if it
// has no maps. The activity store is asked last: its events have few keys.
func (ask Ask) mapKeys(column string) []string {
	root, _, _ := strings.Cut(column, ".")
	tables := ask("SELECT table_name FROM information_schema.columns WHERE table_schema = 'default' AND column_name = '" + strings.ReplaceAll(root, "'", "''") + "' ORDER BY table_name = '" + engine.ActivityStoreName + "', table_name LIMIT 1")
	if len(tables) == 0 {
		return nil
	}
	table := `"` + strings.ReplaceAll(tables[0][0], `"`, `""`) + `"`
	var keys []string
	for _, row := range ask(fmt.Sprintf("SELECT DISTINCT k FROM (SELECT map_keys(%s) AS ks FROM %s LIMIT %d) CROSS JOIN UNNEST(ks) AS t (k) ORDER BY 1", column, table, sampledRows)) {
		keys = append(keys, row[0])
	}
	return keys
}
