package query

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/schema"
)

// view is what one statement sees: the stores of one snapshot at one instant, and the reference tables. It is the
// planner's catalog and the executor's source.
type view struct {
	lake     *storage.Lake
	snapshot *storage.Snapshot
	giveBack func() // returns snapshot
	stores   []*catalog.Store
	tables   []*catalog.Table
	opened   map[string]*metadata.Table // the reference tables that the statement names
	now      time.Time
	server   func() *Server // nil outside of a server
	// refusedStores may not be read; refused says why, by store id or reference table name.
	refusedStores []*catalog.Store
	refused       map[string]error
	named         []string // ids of the stores that the statement names
	result        *Info    // the query whose kept result is in opened; nil: none
}

// newView returns what a statement sees at an instant: the current lake, or the shared snapshot.
func (q *Queries) newView(ctx context.Context, now time.Time, shared *Shared) (*view, error) {
	take := q.snapshot
	if shared != nil {
		take = shared.take
	}
	snapshot, giveBack, err := take(ctx)
	if err != nil {
		return nil, err
	}
	stores, err := snapshot.Stores()
	if err != nil {
		giveBack()
		return nil, err
	}
	stores = slices.SortedFunc(slices.Values(stores), func(a, b *catalog.Store) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	tables, err := q.options.Storage.Tables()
	if err != nil {
		giveBack()
		return nil, err
	}
	return &view{lake: q.options.Storage, snapshot: snapshot, giveBack: giveBack, stores: stores, tables: tables, opened: map[string]*metadata.Table{}, now: now}, nil
}

// Table implements metadata.Catalog.
func (v *view) Table(ctx context.Context, name string) (*metadata.Table, error) {
	at := slices.IndexFunc(v.stores, func(s *catalog.Store) bool { return s.IsNamed(name) })
	if at < 0 || name == "" {
		if t, err := v.reference(ctx, name); t != nil || err != nil {
			return t, err
		}
		if err := v.whyRefused(name); err != nil {
			return nil, err
		}
		return nil, types.Errorf(types.TableNotFound, types.Pos{}, "Table '%s' does not exist%s", name, v.known())
	}
	s := v.stores[at]
	if s.Status == catalog.StorePendingDeletion {
		return nil, types.Errorf(types.TableNotFound, types.Pos{}, "Event data store '%s' is pending deletion", s.Name)
	}
	if !slices.Contains(v.named, s.ID) {
		v.named = append(v.named, s.ID)
	}
	return v.table(s)
}

// Tables implements metadata.Catalog.
func (v *view) Tables(context.Context) ([]*metadata.Table, error) {
	var out []*metadata.Table
	for _, s := range v.stores {
		if s.Status == catalog.StorePendingDeletion {
			continue
		}
		t, err := v.table(s)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	for _, record := range v.tables {
		t, err := describeReference(record)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b *metadata.Table) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// known lists the names of all stores and tables, for an error.
func (v *view) known() string {
	var names []string
	for _, s := range v.stores {
		names = append(names, s.Name)
	}
	for _, t := range v.tables {
		names = append(names, t.Name)
	}
	if len(names) == 0 {
		return "; the lake has none"
	}
	return "; the lake has " + strings.Join(names, ", ")
}

func (v *view) table(s *catalog.Store) (*metadata.Table, error) {
	described, ok := schema.ForCategory(s.Category)
	if !ok {
		return nil, errors.New("query: no columns for category " + s.Category)
	}
	columns, err := columnsOf(described)
	if err != nil {
		return nil, err
	}
	rows, err := v.snapshot.Rows(s.ID, s.Horizon(v.now))
	if err != nil {
		return nil, err
	}
	t := &metadata.Table{Name: strings.ToLower(s.Name), Columns: columns, Store: true, Handle: s}
	t.Times = slices.Grow(t.Times, len(rows.Days))
	for _, day := range rows.Days {
		t.Rows += day.Rows
		t.Times = append(t.Times, metadata.TimeRows{Min: day.MinTime, Max: day.MaxTime, Rows: day.Rows})
	}
	return t, nil
}

// Open implements exec.Source.
func (v *view) Open(_ context.Context, table *metadata.Table, request exec.ScanRequest) (exec.TableScan, error) {
	if reference, ok := table.Handle.(*referenceTable); ok {
		return exec.RecordScan(table.Columns, reference.file), nil
	}
	scan, err := v.snapshot.Scan(v.scanRequest(table, request))
	if err != nil {
		return nil, err
	}
	return exec.StoreScan(scan), nil
}

func (v *view) scanRequest(table *metadata.Table, request exec.ScanRequest) storage.ScanRequest {
	s := table.Handle.(*catalog.Store)
	return storage.ScanRequest{
		StoreID: s.ID, Horizon: s.Horizon(v.now), Where: request.Where,
		Columns: request.Columns, FilterColumns: request.FilterColumns, SettledColumns: request.SettledColumns, RuntimeColumns: request.RuntimeColumns, Order: request.Order, Count: request.Count,
	}
}

func (v *view) close() {
	v.giveBack()
	for _, t := range v.opened {
		_ = t.Handle.(*referenceTable).file.Close() // it was only read
	}
}
