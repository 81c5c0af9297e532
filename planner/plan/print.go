package plan

import (
	"fmt"
	"strings"
)

// Format prints a plan as a tree, two spaces a level, each node with what it
// does and the columns it reads by name and ID: "name#3".
func Format(n Node) string { return FormatNotes(n, func(Node) []string { return nil }) }

// FormatNotes is Format with lines of notes below each node.
func FormatNotes(n Node, notes func(Node) []string) string {
	var b strings.Builder
	formatNode(&b, n, 0, notes)
	return b.String()
}

func formatNode(b *strings.Builder, n Node, depth int, notes func(Node) []string) {
	indent := strings.Repeat("  ", depth)
	b.WriteString(indent + Describe(n) + "\n")
	for _, note := range notes(n) {
		b.WriteString(indent + "  · " + note + "\n")
	}
	if r, ok := n.(*Reuse); ok && !r.First {
		return
	}
	for _, in := range n.Inputs() {
		formatNode(b, in, depth+1, notes)
	}
}

// Describe is one node in one line: its name, then what it does.
func Describe(n Node) string {
	switch n := n.(type) {
	case *Scan:
		return describeScan(n)
	case *Values:
		return describeValues(n)
	case *Filter:
		return "Filter " + FormatExpr(n.Predicate)
	case *Project:
		return "Project " + describeItems(n.Items)
	case *Aggregate:
		return describeAggregate(n)
	case *Join:
		return describeJoin(n)
	case *Sort:
		return "Sort " + sortKeys(n.Keys)
	case *TopN:
		return fmt.Sprintf("TopN %s%s%s", limitText(n.Offset, n.Count), iff(n.WithTies, " with ties"), " by "+sortKeys(n.Keys))
	case *Limit:
		return "Limit " + limitText(n.Offset, n.Count)
	case *SetOp:
		return describeSetOp(n)
	case *Recursion:
		return "Recursion " + columnNames(n.Cols) + fmt.Sprintf(" up to %d steps", n.MaxSteps)
	case *Sequence:
		return fmt.Sprintf("Sequence %s from %d to %d by %d", columnName(n.Col), n.Start, n.Stop, n.Step)
	case *PatternRecognition:
		return describePattern(n)
	case *WorkingRows:
		return "WorkingRows " + columnNames(n.Cols)
	case *Unnest:
		return describeUnnest(n)
	case *Window:
		return describeWindow(n)
	case *Reuse:
		return fmt.Sprintf("Reuse %d %s", n.Number, columnNames(n.Cols)) + iff(!n.First, " as above")
	case *EnforceSingleRow:
		return "EnforceSingleRow"
	case *Output:
		return describeOutput(n)
	case *Explain:
		return "Explain" + iff(n.Analyze, " analyze")
	}
	return fmt.Sprintf("%T", n)
}

func describeScan(n *Scan) string {
	items := make([]string, 0, len(n.Cols))
	for _, c := range n.Cols {
		path := c.PathText()
		text := columnName(c.Column)
		if path != c.Column.Name {
			text += " := " + path
		}
		items = append(items, text+iff(!c.Output, " (filter only)"))
	}
	text := "Scan " + n.Table.Name + " [" + strings.Join(items, ", ") + "]"
	if n.Filter != nil {
		text += " filter " + FormatExpr(n.Filter)
	}
	for _, d := range n.Domains {
		text += " domain " + formatDomain(d)
	}
	for _, f := range n.Runtime {
		text += " dynamicFilter = " + columnName(f.Column) + " in " + columnName(f.Source)
	}
	return text
}

func formatDomain(d Domain) string {
	text := strings.Join(d.Path, ".")
	if d.MapKey != nil {
		text += "['" + *d.MapKey + "']"
	}
	ranges := make([]string, 0, len(d.Ranges)+1)
	for _, r := range d.Ranges {
		ranges = append(ranges, formatRange(r))
	}
	if d.NullAllowed {
		ranges = append(ranges, "NULL")
	}
	return text + " in {" + strings.Join(ranges, ", ") + "}"
}

func formatRange(r Range) string {
	if r.Low != nil && r.High != nil && r.LowIncl && r.HighIncl && equalValues(*r.Low, *r.High) {
		return r.Low.String()
	}
	low, high := "(-∞", "∞)"
	if r.Low != nil {
		low = map[bool]string{true: "[", false: "("}[r.LowIncl] + r.Low.String()
	}
	if r.High != nil {
		high = r.High.String() + map[bool]string{true: "]", false: ")"}[r.HighIncl]
	}
	return low + ", " + high
}

func describeValues(n *Values) string {
	rows := make([]string, 0, len(n.Rows))
	for i, row := range n.Rows {
		if i == maxPrintedRows {
			rows = append(rows, fmt.Sprintf("… %d rows", len(n.Rows)))
			break
		}
		rows = append(rows, "("+formatExprs(row)+")")
	}
	return "Values " + columnNames(n.Cols) + " " + strings.Join(rows, ", ")
}

const maxPrintedRows = 10

func describeItems(items []Assignment) string {
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = columnName(item.Column)
		if r, ok := item.Expr.(*Ref); !ok || r.Column.ID != item.Column.ID {
			texts[i] += " := " + FormatExpr(item.Expr)
		}
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

func describeAggregate(n *Aggregate) string {
	aggs := make([]string, len(n.Aggs))
	for i, a := range n.Aggs {
		aggs[i] = columnName(a.Column) + " := " + formatAggCall(a)
	}
	text := "Aggregate by " + columnNames(n.Keys)
	if n.Sets != nil {
		text += fmt.Sprintf(" sets %v id %s", n.Sets, columnName(n.GroupID))
	}
	return text + " [" + strings.Join(aggs, ", ") + "]"
}

func formatAggCall(a AggCall) string {
	text := a.Fn.Name + "(" + iff(a.Distinct, "DISTINCT ") + formatExprs(a.Args)
	if len(a.OrderBy) > 0 {
		text += " ORDER BY " + sortKeys(a.OrderBy)
	}
	text += ")"
	if a.Filter != nil {
		text += " FILTER " + columnName(a.Filter)
	}
	return text
}

func describeJoin(n *Join) string {
	kinds := map[JoinKind]string{InnerJoin: "inner", LeftJoin: "left", RightJoin: "right", FullJoin: "full", CrossJoin: "cross", SemiMark: "mark"}
	text := "Join " + kinds[n.Kind]
	if n.Mark != nil {
		text += " " + columnName(n.Mark) + iff(n.NullAware, " null-aware")
	}
	keys := make([]string, len(n.Equal))
	for i, k := range n.Equal {
		keys[i] = columnName(k.Left) + " = " + columnName(k.Right)
	}
	if len(keys) > 0 {
		text += " on " + strings.Join(keys, " AND ")
	}
	if n.Residual != nil {
		text += " and " + FormatExpr(n.Residual)
	}
	return text + iff(n.LeftFirst, " left first")
}

func describeSetOp(n *SetOp) string {
	name := map[SetKind]string{Union: "Union", Intersect: "Intersect", Except: "Except"}[n.Kind]
	inputs := make([]string, len(n.Map))
	for i, m := range n.Map {
		inputs[i] = columnNames(m)
	}
	return name + iff(n.Distinct, " distinct") + " " + columnNames(n.Cols) + " := " + strings.Join(inputs, ", ")
}

func describeUnnest(n *Unnest) string {
	items := make([]string, len(n.Items))
	for i, item := range n.Items {
		items[i] = columnNames(item.Out) + " := " + columnName(item.Column)
	}
	text := "Unnest" + iff(n.Outer, " outer") + " " + strings.Join(items, ", ")
	if n.Ordinality != nil {
		text += " ordinality " + columnName(n.Ordinality)
	}
	return text
}

func describeWindow(n *Window) string {
	calls := make([]string, len(n.Calls))
	for i, c := range n.Calls {
		calls[i] = columnName(c.Column) + " := " + c.Fn.Name + "(" + iff(c.Distinct, "DISTINCT ") + formatExprs(c.Args) +
			iff(len(c.OrderBy) > 0, " ORDER BY "+sortKeys(c.OrderBy)) + ")" +
			iff(c.IgnoreNulls, " IGNORE NULLS") + " " + formatFrame(c.Frame)
	}
	return fmt.Sprintf("Window by %s order %s [%s]", columnNames(n.PartitionBy), sortKeys(n.OrderBy), strings.Join(calls, ", "))
}

func formatFrame(f Frame) string {
	unit := map[FrameUnit]string{FrameRange: "RANGE", FrameRows: "ROWS", FrameGroups: "GROUPS"}[f.Unit]
	bound := func(kind BoundKind, offset *Column) string {
		switch kind {
		case UnboundedPreceding:
			return "UNBOUNDED PRECEDING"
		case Preceding:
			return columnName(offset) + " PRECEDING"
		case CurrentRow:
			return "CURRENT ROW"
		case Following:
			return columnName(offset) + " FOLLOWING"
		}
		return "UNBOUNDED FOLLOWING"
	}
	return unit + " " + bound(f.Start, f.StartOffset) + " TO " + bound(f.End, f.EndOffset)
}

func describeOutput(n *Output) string {
	items := make([]string, len(n.Cols))
	for i, c := range n.Cols {
		items[i] = n.Names[i]
		if columnName(c) != n.Names[i] {
			items[i] += " := " + columnName(c)
		}
	}
	return "Output [" + strings.Join(items, ", ") + "]"
}

func limitText(offset, count int64) string {
	text := "all"
	if count >= 0 {
		text = fmt.Sprint(count)
	}
	if offset > 0 {
		text += fmt.Sprintf(" after %d", offset)
	}
	return text
}

func sortKeys(keys []SortKey) string {
	texts := make([]string, len(keys))
	for i, k := range keys {
		texts[i] = columnName(k.Column) + iff(k.Descending, " DESC") + iff(k.NullsFirst, " NULLS FIRST")
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

func columnNames(columns []*Column) string {
	texts := make([]string, len(columns))
	for i, c := range columns {
		texts[i] = columnName(c)
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

func columnName(c *Column) string { return fmt.Sprintf("%s#%d", c.Name, c.ID) }

func iff(condition bool, text string) string {
	if condition {
		return text
	}
	return ""
}
