package analyze

import (
	"time"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// showStats returns what is known of a table without reading it: the number of rows and, for a store, the time of
// its first and last event. Everything else is NULL, and for a query everything is.
func (a *analyzer) showStats(x *ast.Show) plan.Node {
	text, number := types.VarcharType, types.DoubleType
	out := a.rowsOf([]string{"column_name", "data_size", "distinct_values_count", "nulls_fraction", "row_count", "low_value", "high_value"},
		text, number, number, number, number, text, text)
	add := func(name, rows, low, high types.Value) {
		none := types.Null(number)
		out.add(name, none, none, none, rows, low, high)
	}
	noText, noNumber := types.Null(text), types.Null(number)
	if x.Query != nil {
		answer := a.output(x.Query)
		for _, name := range answer.Names {
			add(varchar(name), noNumber, noText, noText)
		}
		add(noText, noNumber, noText, noText)
		return out.Output
	}
	rows, low, high, fields := a.tableStats(x)
	for _, f := range fields {
		if f.name == "eventtime" {
			add(varchar(f.name), noNumber, low, high)
		} else {
			add(varchar(f.name), noNumber, noText, noText)
		}
	}
	add(noText, types.Value{Type: number, V: float64(rows)}, noText, noText)
	return out.Output
}

// tableStats returns the number of rows of the table that a statement names, the texts of its first and last
// eventtime (NULL if unknown), and its columns.
func (a *analyzer) tableStats(x *ast.Show) (rows int64, low, high types.Value, fields []field) {
	name := *x.From
	name.At = x.At
	rel := a.table(&ast.Table{At: x.At, Name: name}, &scope{})
	low, high, fields = types.Null(types.VarcharType), types.Null(types.VarcharType), visible(rel).fields
	switch node := rel.node.(type) {
	case *plan.Values: // a system table
		return int64(len(node.Rows)), low, high, fields
	case *plan.Scan:
		if first, last, ok := timeRange(node.Table.Times); ok && node.Table.Store {
			low, high = varchar(timestampText(first)), varchar(timestampText(last))
		}
		return node.Table.Rows, low, high, fields
	}
	panic(a.notSupported(x, "SHOW STATS FOR this table"))
}

func timeRange(times []metadata.TimeRows) (first, last int64, ok bool) {
	for i, t := range times {
		if i == 0 {
			first, last = t.Min, t.Max
		}
		first, last = min(first, t.Min), max(last, t.Max)
	}
	return first, last, len(times) > 0
}

func timestampText(millis int64) string {
	return time.UnixMilli(millis).UTC().Format("2006-01-02 15:04:05.000")
}
