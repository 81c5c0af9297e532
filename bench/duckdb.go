package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/bench/process"
	"github.com/auditlake/auditlake/storage/schema"
)

//go:embed duck.py
var duckScript string

// duck runs statements in a DuckDB of its own process.
type duck struct {
	python string
	folder string // of the Parquet files
}

// run gives the seconds and rows of the last statement.
func (d duck) run(statements ...string) (process.Usage, float64, string, error) {
	usage, out, err := process.Run(strings.Join(statements, "\n"), d.python, "-c", duckScript)
	if err != nil {
		return usage, 0, "", err
	}
	first, rows, _ := strings.Cut(string(out), "\n")
	seconds, err := strconv.ParseFloat(first, 64)
	return usage, seconds, rows, err
}

func (d duck) version() (string, error) {
	_, _, rows, err := d.run("SELECT version()")
	return strings.TrimSpace(rows), err
}

// importLogs writes the events of log files as Parquet, a folder per day, sorted by time, with the
// columns of our segments.
func (d duck) importLogs(logs string) (process.Usage, error) {
	usage, _, _, err := d.run(importStatement(filepath.Join(logs, "**", "*.json.gz"), d.folder))
	return usage, err
}

func importStatement(files, folder string) string {
	table, _ := schema.ForCategory("Management")
	members, columns := map[string]any{}, []string{}
	for _, c := range table.Stored() {
		switch {
		case c.Name == "eventjson":
			columns = append(columns, "record::VARCHAR AS eventjson")
		case c.JSONKey == "":
			columns = append(columns, fmt.Sprintf("NULL::VARCHAR AS %s", c.Name))
		default:
			members[c.JSONKey] = duckType(c.Type, c.Fields)
			columns = append(columns, fmt.Sprintf("event.%q AS %s", c.JSONKey, c.Name))
		}
	}
	structure, err := json.Marshal(members)
	if err != nil {
		panic(err) // names and type names only
	}
	return fmt.Sprintf(`COPY (SELECT %s, event."eventTime"::DATE AS eventday FROM (SELECT record, from_json(record, %s) AS event FROM `+
		`(SELECT unnest("Records") AS record FROM read_json(%s, columns = {'Records': 'JSON[]'}, maximum_object_size = 268435456))) `+
		`ORDER BY eventtime) TO %s (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (eventday), OVERWRITE_OR_IGNORE)`,
		strings.Join(columns, ", "), quoted(string(structure)), quoted(files), quoted(folder))
}

// duckType describes a type as from_json takes it: fields by the keys that events have.
func duckType(t arrow.DataType, fields []schema.Column) any {
	switch t := t.(type) {
	case *arrow.StructType:
		members := map[string]any{}
		for _, f := range fields {
			members[f.JSONKey] = duckType(f.Type, f.Fields)
		}
		return members
	case *arrow.ListType:
		return []any{duckType(t.Elem(), fields)}
	case *arrow.MapType:
		return "MAP(VARCHAR, VARCHAR)"
	case *arrow.BooleanType:
		return "BOOLEAN"
	case *arrow.TimestampType:
		return "TIMESTAMP"
	case *arrow.Int32Type:
		return "INTEGER"
	case *arrow.Float64Type:
		return "DOUBLE"
	}
	return "VARCHAR"
}

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
