package storage

import (
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/storage/orc"
	"github.com/auditlake/auditlake/storage/predicate"
	"github.com/auditlake/auditlake/storage/schema"
)

// check is a domain together with the column it is of.
type check struct {
	domain predicate.Domain
	path   orc.Path
	// horizon: the domain is the retention horizon; whether it holds for every row decides if rows
	// must be looked at one by one.
	horizon bool
}

// newChecks makes the checks of a scan, those by time first: they are the cheapest and cut most.
// Domains of computed columns and of map entries prune nothing.
func newChecks(table *schema.Table, where predicate.Predicate, horizonMillis int64) ([]check, error) {
	horizon := predicate.Domain{Path: timeColumn, Ranges: []predicate.Range{{Low: horizonMillis, LowIncl: true}}}
	checks := []check{{domain: horizon, path: orc.Column(timeColumn), horizon: true}}
	for _, d := range where.Domains {
		column, err := findColumn(table, d.Path)
		if err != nil {
			return nil, err
		}
		if !column.Computed && d.MapKey == nil {
			checks = append(checks, check{domain: d, path: orc.ParsePath(d.Path)})
		}
	}
	slices.SortStableFunc(checks, func(a, b check) int { return rank(a) - rank(b) })
	return checks, nil
}

// findColumn finds a column, or a field inside rows: what Read can read.
func findColumn(table *schema.Table, path string) (*schema.Column, error) {
	columns := table.Columns
	var found *schema.Column
	for _, name := range strings.Split(path, ".") {
		at := slices.IndexFunc(columns, func(c schema.Column) bool { return c.Name == name })
		if at < 0 {
			return nil, &UnknownPathError{Category: table.Category, Path: path}
		}
		found, columns = &columns[at], nil
		if found.Type.ID() == arrow.STRUCT {
			columns = found.Fields
		}
	}
	return found, nil
}

func rank(c check) int {
	if c.domain.Path == timeColumn {
		return 0
	}
	return 1
}

// timeStatistics describes eventtime, which is never NULL.
func timeStatistics(rows, minMillis, maxMillis int64) orc.Statistics {
	return orc.Statistics{
		Known:  true,
		Values: rows,
		Min:    orc.Bound{Kind: orc.IntBound, Int: minMillis, Exact: true},
		Max:    orc.Bound{Kind: orc.IntBound, Int: maxMillis, Exact: true},
	}
}

// narrow judges checks by statistics. It returns those that are left open, and false when no row
// can match. A check without statistics stays open.
func narrow(checks []check, statistics func(orc.Path) (orc.Statistics, error)) (open []check, mayMatch bool, err error) {
	for _, c := range checks {
		s, err := statistics(c.path)
		if err != nil {
			return nil, false, err
		}
		switch judge(&c.domain, s) {
		case noRow:
			return nil, false, nil
		case someRow:
			open = append(open, c)
		}
	}
	return open, true, nil
}

// horizonOpen tells that some rows may lie before the retention horizon.
func horizonOpen(checks []check) bool {
	return slices.ContainsFunc(checks, func(c check) bool { return c.horizon })
}

// unknown is what is known of a column without statistics.
var unknown = orc.Statistics{HasNull: true}
