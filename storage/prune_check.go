package storage

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/storage/orc"
	"github.com/auditlake/auditlake/storage/predicate"
	"github.com/auditlake/auditlake/storage/schema"
)

// check is a domain with its column.
type check struct {
	domain predicate.Domain
	path   orc.Path
	texts  []string // to look up in bloom filters; none: filters do not help
	// horizon: the domain is the retention horizon. If it does not hold for every row, rows must be checked one by
	// one.
	horizon bool
}

// isOfEntry reports whether the domain is for a map's value at one key, while the column holds the values at all
// keys. It can prove that no row matches, but not that all do.
func (c *check) isOfEntry() bool { return c.domain.MapKey != nil }

// newChecks makes the checks of a scan, those by time first: they are the cheapest and prune most. These domains
// prune nothing: those of computed columns, of eventjson, which may be rebuilt, of lists, of presence, and of map
// entries that match a map without the key.
func newChecks(table *schema.Table, where predicate.Predicate, horizonMillis int64) ([]check, error) {
	horizon := predicate.Domain{Path: timeColumn, Ranges: []predicate.Range{{Low: horizonMillis, LowIncl: true}}}
	checks := []check{{domain: horizon, path: orc.Column(timeColumn), horizon: true}}
	for _, d := range where.Domains {
		column, err := findColumn(table, d.Path)
		if err != nil {
			return nil, err
		}
		path := orc.ParsePath(d.Path)
		switch {
		case column.Computed || column.Name == jsonColumn || column.Type.ID() == arrow.LIST || path.Keys != nil:
			continue
		case d.MapKey != nil && (d.NullMatches || column.Type.ID() != arrow.MAP):
			continue
		case d.MapKey != nil:
			path.Names = append(path.Names, valueStep)
		}
		checks = append(checks, check{domain: d, path: path, texts: points(&d)})
	}
	slices.SortStableFunc(checks, func(a, b check) int { return rank(a) - rank(b) })
	return checks, nil
}

// The path steps below a map for its keys and its values, and the one below a list.
const (
	keyStep     = "key"
	valueStep   = "value"
	elementStep = "element"
)

// findColumn finds what Read can read: a column, a field inside rows, or the keys or values of a map. It also finds
// a field of the rows in a list, as a list, and a map with only the entries under some keys. The last kind is the
// presence of a row or list, as a boolean.
func findColumn(table *schema.Table, path string) (*schema.Column, error) {
	p := orc.ParsePath(path)
	columns := table.Columns
	var found *schema.Column
	for i, name := range p.Names {
		at := slices.IndexFunc(columns, func(c schema.Column) bool { return c.Name == name })
		switch {
		case at >= 0:
			found, columns = &columns[at], nil
		case found != nil && found.Type.ID() == arrow.MAP && (name == keyStep || name == valueStep) && i == len(p.Names)-1 && p.Keys == nil:
			part, _ := table.Lookup(path)
			return &schema.Column{Name: name, Type: arrow.ListOf(part.Type)}, nil
		case found != nil && found.Type.ID() == arrow.LIST && name == elementStep && i == len(p.Names)-2 && p.Keys == nil:
			part, ok := table.Lookup(path)
			if !ok {
				return nil, &UnknownPathError{Category: table.Category, Path: path}
			}
			return &schema.Column{Name: part.Name, Type: arrow.ListOf(part.Type)}, nil
		default:
			return nil, &UnknownPathError{Category: table.Category, Path: path}
		}
		if found.Type.ID() == arrow.STRUCT {
			columns = found.Fields
		}
	}
	if p.Keys == nil || found.Type.ID() == arrow.MAP {
		return found, nil
	}
	if len(p.Keys) > 0 || found.Type.ID() != arrow.STRUCT && found.Type.ID() != arrow.LIST {
		return nil, &UnknownPathError{Category: table.Category, Path: path}
	}
	return &schema.Column{Name: found.Name, Type: arrow.FixedWidthTypes.Boolean}, nil
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

// narrow evaluates checks by statistics. It returns the checks that remain open, possibly in the same memory, and
// false if no row can match. A check without statistics stays open.
func narrow(checks []check, statistics func(orc.Path) (orc.Statistics, error)) (open []check, mayMatch bool, err error) {
	open = checks
	for i := range checks {
		c := &checks[i]
		s, err := statistics(c.path)
		if err != nil {
			return nil, false, err
		}
		found := judge(&c.domain, &s)
		staysOpen := found == someRow || c.isOfEntry()
		switch allBefore := len(open) == len(checks); {
		case found == noRow:
			return nil, false, nil
		case !staysOpen && allBefore:
			open = slices.Clone(checks[:i])
		case staysOpen && !allBefore:
			open = append(open, *c)
		}
	}
	return open, true, nil
}

// narrowTimes is narrow if only eventtime is known.
func narrowTimes(checks []check, times orc.Statistics) (open []check, mayMatch bool) {
	for _, c := range checks {
		s := &unknown
		if c.domain.Path == timeColumn {
			s = &times
		}
		found := judge(&c.domain, s)
		if found == noRow {
			return nil, false
		}
		if found == someRow || c.isOfEntry() {
			open = append(open, c)
		}
	}
	return open, true
}

// horizonOpen reports whether some rows may lie before the retention horizon.
func horizonOpen(checks []check) bool {
	return slices.ContainsFunc(checks, func(c check) bool { return c.horizon })
}

// unknown are the statistics of a column without any.
var unknown = orc.Statistics{HasNull: true}
