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

// Source is an event data store or a reference table, for whoever decides which of them a statement may read.
type Source struct {
	Name string // of the store or table
	// StoreARN is of a store; "": this is a reference table, and what follows is empty, too.
	StoreARN       string
	IsActivity     bool              // the store has what was done with the lake
	ResourcePolicy string            // JSON, "" for none
	Tags           map[string]string // a tag without a value has ""
}

// MayRead makes a statement read only what may lets it: may is called with each store and reference table of the lake
// when the statement is planned, and returns why it may not be read, nil if it may. What may not be read is not
// listed anywhere; a statement that names it ends with PERMISSION_DENIED.
func MayRead(may func(Source) error) Option { return func(o *request) { o.mayRead = may } }

// ScanCap is how much a statement may scan on somebody's account.
type ScanCap struct {
	MaxBytes int64 // 0: nothing is left
	// Name says in an error whose limit that is, such as "the cap of 10 GB per query of access key AKIA…".
	Name string
}

// CapScan ends a query with EXCEEDED_SCAN_LIMIT when it would scan more than each of the caps that of returns when
// the query's turn has come: before it starts if that is certain, with an error that says what would help, otherwise
// when it happens.
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
		limit := max(1, c.MaxBytes) // 0 means no limit, and nothing has one byte
		if s.request.maxBytes == 0 || limit < s.request.maxBytes {
			s.request.maxBytes, s.request.capName = limit, c.Name
		}
	}
	return nil
}

// UsedBytes returns what the queries of a user have scanned since an instant: those that run count with the least
// that they are planned to scan, if that is more.
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

// maxCountedQueries is more queries than a user makes in a day.
const maxCountedQueries = 1_000_000

// overLimit is the error of a query that is certain to scan more than its limit.
func (s *Query) overLimit(planned *statement, e *Estimate) error {
	limit := s.request.maxBytes
	if s.request.capName == "" {
		return types.Errorf(types.ExceededScanLimit, types.Pos{},
			"Query would scan at least %d bytes, the limit is %d; nothing was read", e.LowBytes, limit)
	}
	return types.Errorf(types.ExceededScanLimit, types.Pos{}, "Query would scan %d to %d bytes, more than %s allows; nothing was read. %s",
		e.LowBytes, e.HighBytes, s.request.capName, narrower(planned, e, limit))
}

// narrower says which predicate would bring a statement below a limit.
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

// restrict leaves in the view what may be read.
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

// whyRefused returns the error of a statement that names what it may not read, nil if that is not why there is
// nothing of the name.
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
