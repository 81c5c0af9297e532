package query

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/auditlake/auditlake/planner/types"
	"github.com/auditlake/auditlake/storage/catalog"
)

// Source is an event data store or a reference table, as passed to the check of what a statement may read.
type Source struct {
	Name string // of the store or table
	// StoreARN is set for a store; "": this is a reference table, and the fields below are empty, too.
	StoreARN       string
	IsActivity     bool              // the store holds the lake's activity
	ResourcePolicy string            // JSON; "": none
	Tags           map[string]string // a tag without a value maps to ""
}

// MayRead limits which stores and reference tables a statement may read. may is called for each of them when the
// statement is planned; its error says why the source may not be read. Such a source is not listed anywhere, and a
// statement that names it fails with PERMISSION_DENIED.
func MayRead(may func(Source) error) Option { return func(o *request) { o.mayRead = may } }

// ScanCap limits how much a statement may scan on one principal's account.
type ScanCap struct {
	MaxBytes int64 // 0: nothing is left
	// Name describes the cap in an error, such as "the cap of 10 GB per query of access key AKIA…".
	Name string
}

// CapScan ends a query with EXCEEDED_SCAN_LIMIT if it would scan more than the least of the caps that of returns
// when the query's turn comes. If that is certain, it ends before it starts, with an error that suggests a
// predicate; otherwise it ends when it happens.
func CapScan(of func(context.Context) ([]ScanCap, error)) Option {
	return func(o *request) { o.caps = of }
}

// applyCaps lowers the limit of the query to the least of its caps.
func (s *Query) applyCaps() error {
	if s.request.caps == nil {
		return nil
	}
	caps, err := s.request.caps(s.ctx)
	if err != nil {
		return fmt.Errorf("caps of the query: %w", err)
	}
	for _, c := range caps {
		limit := max(1, c.MaxBytes) // 0 means no limit, and no store has one byte
		if s.request.maxBytes == 0 || limit < s.request.maxBytes {
			s.request.maxBytes, s.request.capName = limit, c.Name
		}
	}
	return nil
}

// UsedBytes returns what a user's queries have scanned since an instant. A running query counts with at least its
// planned minimum.
func (q *Queries) UsedBytes(ctx context.Context, user string, since time.Time) (total int64, err error) {
	infos, err := q.List(ctx, Filter{User: user, Since: since, Limit: maxCountedQueries})
	for _, info := range infos {
		used := info.BytesScanned
		if info.State == Running {
			used = max(used, info.PlannedLowBytes)
		}
		total += used
	}
	return total, err
}

// maxCountedQueries is more than a user submits in a day.
const maxCountedQueries = 1_000_000

// overLimit returns the error of a query that is certain to scan more than its limit.
func (s *Query) overLimit(planned *statement, e *Estimate) error {
	limit := s.request.maxBytes
	if s.request.capName == "" {
		return types.Errorf(types.ExceededScanLimit, types.Pos{},
			"Query would scan at least %d bytes, the limit is %d; nothing was read", e.LowBytes, limit)
	}
	return types.Errorf(types.ExceededScanLimit, types.Pos{}, "Query would scan %d to %d bytes, more than %s allows; nothing was read. %s",
		e.LowBytes, e.HighBytes, s.request.capName, narrower(planned, e, limit))
}

// narrower suggests a predicate that would bring a statement below a limit.
func narrower(planned *statement, e *Estimate, limit int64) string {
	var oldest, newest int64
	for _, scan := range scansOf(planned.root) {
		for _, t := range scan.Table.Times {
			oldest, newest = min(cmp.Or(oldest, t.Min), t.Min), max(newest, t.Max)
		}
	}
	if newest <= oldest || e.Pruned.Partitions > 0 {
		return "A narrower range of eventtime, or fewer columns, would help"
	}
	part := float64(limit) / float64(max(e.LowBytes, 1))
	from := time.UnixMilli(newest - int64(part*float64(newest-oldest))).UTC()
	return fmt.Sprintf("A predicate such as eventtime > TIMESTAMP '%s' would help, or fewer columns", from.Format(time.DateTime))
}

// restrict removes from the view what may not be read.
func (v *view) restrict(may func(Source) error) {
	if may == nil {
		return
	}
	v.refused = map[string]error{}
	var stores []*catalog.Store
	for _, s := range v.stores {
		if err := may(sourceOf(s)); err != nil {
			v.refusedStores = append(v.refusedStores, s)
			v.refused[s.ID] = err
			continue
		}
		stores = append(stores, s)
	}
	var tables []*catalog.Table
	for _, t := range v.tables {
		if err := may(Source{Name: t.Name}); err != nil {
			v.refused[t.Name] = err
			continue
		}
		tables = append(tables, t)
	}
	v.stores, v.tables = stores, tables
}

func sourceOf(s *catalog.Store) Source {
	source := Source{Name: s.Name, StoreARN: s.ARN(), IsActivity: s.IsActivity, ResourcePolicy: s.ResourcePolicy, Tags: map[string]string{}}
	for _, t := range s.Tags {
		source.Tags[t.Key] = ""
		if t.Value != nil {
			source.Tags[t.Key] = *t.Value
		}
	}
	return source
}

// whyRefused returns the error of a statement that names a source it may not read, or nil if the name was not
// refused.
func (v *view) whyRefused(name string) error {
	for _, s := range v.refusedStores {
		if s.IsNamed(name) {
			return types.Errorf(types.PermissionDenied, types.Pos{}, "Access Denied: Cannot select from event data store %s: %v", s.Name, v.refused[s.ID])
		}
	}
	if err := v.refused[strings.ToLower(name)]; err != nil {
		return types.Errorf(types.PermissionDenied, types.Pos{}, "Access Denied: Cannot select from table %s: %v", name, err)
	}
	return nil
}
