package plan

import (
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
)

// Scan reads a table. Each output column is a table column or, after
// projection pushdown, a struct field inside one ("useridentity.arn").
type Scan struct {
	Table *metadata.Table
	Cols  []ScanColumn
	// Filter is true for every row that the scan returns. It reads Cols. The scan evaluates it itself, conjunct by
	// conjunct in this order (late materialisation). Nil: all rows.
	Filter Expr
	// Domains are what storage can prune by. Filter implies them.
	Domains []Domain
	// Order is the order in which row groups are read: the TopN on the scan needs only the first of them.
	Order ScanOrder
	// Runtime are filters that joins above compute while the statement runs. Each is known before the scan starts.
	Runtime []RuntimeFilter
}

// ScanOrder is the end of eventtime at which a scan begins.
type ScanOrder string

// The orders of a scan.
const (
	AnyOrder    ScanOrder = ""
	NewestFirst ScanOrder = "newest first"
	OldestFirst ScanOrder = "oldest first"
)

// RuntimeFilter says that only those of a scan's rows matter whose Column has a value of Source, a key column of
// the side that a join reads first.
type RuntimeFilter struct {
	ID     int // the ID in the join's Feeds
	Column *Column
	Source *Column
}

// ScanColumn is one output of a scan.
type ScanColumn struct {
	Column *Column
	Path   []string // column name, then field names, lower case; below a map "key", "value": arrays of all
	// Keys, when not nil, are the only keys of the map column whose entries are needed; others may be left out. For
	// a row or an array, empty Keys ask only whether it exists: Column is then a boolean, true or NULL.
	Keys []string
	// Output is false for a column that only Filter needs.
	Output bool
	// Late marks an output column that is read only for the rows that the TopN on the scan keeps.
	Late bool
}

// PathText returns the path in the form that scans take: "column.field", with keys "column['key']". A quote in a
// key is doubled.
func (c ScanColumn) PathText() string {
	text := strings.Join(c.Path, ".")
	if c.Keys == nil {
		return text
	}
	quoted := make([]string, len(c.Keys))
	for i, key := range c.Keys {
		quoted[i] = "'" + strings.ReplaceAll(key, "'", "''") + "'"
	}
	return text + "[" + strings.Join(quoted, ",") + "]"
}

// Domain holds the values of a scan path that can pass the filter.
type Domain struct {
	Path []string
	// MapKey is set if the domain is about a map column's value at this key.
	MapKey *string
	// Ranges are ordered and disjoint; a value passes if it lies in one of them. If Ranges is empty and NullAllowed
	// is false, nothing passes.
	Ranges      []Range
	NullAllowed bool
}

// Range is an interval of values of one type. A nil bound is open-ended.
type Range struct {
	Low, High         *types.Value
	LowIncl, HighIncl bool
}

// Columns implements Node.
func (n *Scan) Columns() []*Column {
	out := make([]*Column, 0, len(n.Cols))
	for _, c := range n.Cols {
		if c.Output {
			out = append(out, c.Column)
		}
	}
	return out
}

// MapInputs implements Node.
func (n *Scan) MapInputs(func(Node) Node) Node { return n }

// MapExprs implements Node.
func (n *Scan) MapExprs(f func(Expr) Expr) Node {
	if n.Filter == nil {
		return n
	}
	filter := f(n.Filter)
	if filter == n.Filter {
		return n
	}
	c := *n
	c.Filter = filter
	return &c
}

// MapColumns implements Node.
func (n *Scan) MapColumns(func(*Column) *Column) Node { return n }

// VisitMade implements Node.
func (n *Scan) VisitMade(visit func(*Column)) {
	for _, c := range n.Cols {
		visit(c.Column)
	}
}

// KeepMade keeps the columns that are wanted or that the filter reads.
func (n *Scan) KeepMade(wanted func(*Column) bool) Node {
	var filtered map[int]bool
	if n.Filter != nil {
		filtered = map[int]bool{}
		FreeColumns(n.Filter, func(c *Column) { filtered[c.ID] = true })
	}
	var columns []ScanColumn // nil: so far all stay as they are
	for i, column := range n.Cols {
		output := column.Output && wanted(column.Column)
		isDropped := !output && !filtered[column.Column.ID]
		if columns == nil {
			if !isDropped && output == column.Output {
				continue
			}
			columns = append([]ScanColumn{}, n.Cols[:i]...)
		}
		if isDropped {
			continue
		}
		column.Output = output
		columns = append(columns, column)
	}
	if columns == nil {
		return n
	}
	c := *n
	c.Cols = slices.Clip(columns)
	return &c
}

// GivesNoRows reports whether the filter is never true.
func (n *Scan) GivesNoRows() bool { return n.Filter != nil && IsNeverTrue(n.Filter) }

// same implements Node. Domains add nothing to the filter; runtime filters are added later.
func (n *Scan) same(other Node, s Sameness) bool {
	o, ok := other.(*Scan)
	if !ok || n.Table.Name != o.Table.Name || n.Order != o.Order {
		return false
	}
	for _, c := range n.Cols {
		at := slices.IndexFunc(o.Cols, func(o ScanColumn) bool { return o.PathText() == c.PathText() })
		if at < 0 || o.Cols[at].Output != c.Output || o.Cols[at].Late != c.Late || !s.note(c.Column, o.Cols[at].Column) {
			return false
		}
	}
	return len(n.Cols) == len(o.Cols) && s.expr(n.Filter, o.Filter)
}

// Describe implements Node.
func (n *Scan) Describe() string {
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
	if n.Order != AnyOrder {
		text += " " + string(n.Order)
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
