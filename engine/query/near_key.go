package query

import (
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
	"github.com/auditlake/auditlake/storage/catalog"
)

// A scan reads only those map entries whose keys the statement names, or the maps of few rows. A kernel that misses
// a key may therefore not see the key that was meant. Only after such an error, the existing keys are read.

const (
	// nearKeyRows, nearKeyGroups and nearKeyColumns limit what is read for a hint: rows and row groups per column,
	// and columns.
	nearKeyRows    = 5_000
	nearKeyGroups  = 16
	nearKeyColumns = 4
)

// withNearKey adds the probably meant key to the error of a missing key. It looks for a similar key in what the
// kernel has seen, then in the maps of the stores that the statement reads. Other errors are returned unchanged.
func (r *Rows) withNearKey(ended error) (err error) {
	defer r.query.recovered(&err)
	var missing *types.Error
	if !errors.As(ended, &missing) || missing.MissingKey == nil {
		return ended
	}
	key, occurring := missing.MissingKey.Text, missing.MissingKey.Occurring()
	meant := function.NearKey(key, occurring)
	if meant == "" {
		meant = function.NearKey(key, r.storedKeys(key))
	}
	hinted := *missing
	hinted.MissingKey = nil
	if meant != "" && meant != key { // other rows may have the key
		hinted.Message += "; did you mean '" + strings.ReplaceAll(meant, "'", "''") + "'?"
	}
	return &hinted
}

// storedKeys returns keys that occur in the map columns whose entries the statement reads by key.
func (r *Rows) storedKeys(key string) (occurring []string) {
	for _, column := range keyColumns(r.statement.root, key) {
		keys, err := r.statement.view.mapKeys(r.ctx, column)
		if err != nil { // the statement has failed already and must report its own error
			r.query.queries.options.Log.Debug("keys for a hint were not read", "query", r.query.ID(), "error", err)
		}
		occurring = append(occurring, keys...)
	}
	return occurring
}

// mapColumn is a map column of a table that a statement scans.
type mapColumn struct {
	scan *plan.Scan
	path []string
}

// keyColumns returns the map columns whose entries the plan reads under a key; if there are none, those it reads
// whole.
func keyColumns(root plan.Node, key string) []mapColumn {
	var named, whole []mapColumn
	for _, scan := range scansOf(root) {
		if _, isStore := scan.Table.Handle.(*catalog.Store); !isStore {
			continue
		}
		for _, column := range scan.Cols {
			t := column.Column.Type
			switch {
			case slices.Contains(column.Keys, key):
				named = append(named, mapColumn{scan, column.Path})
			case column.Keys == nil && t.Kind == types.Map && t.Key.IsText():
				whole = append(whole, mapColumn{scan, column.Path})
			}
		}
	}
	if len(named) == 0 {
		named = whole
	}
	return named[:min(len(named), nearKeyColumns)]
}

// mapKeys returns keys that occur in a map column, in the first rows that the scan may need. After an error it
// returns those read before.
func (v *view) mapKeys(ctx context.Context, column mapColumn) (keys []string, err error) {
	path := append(slices.Clone(column.path), "key")
	keysOnly := *column.scan
	keysOnly.Cols, keysOnly.Filter, keysOnly.Runtime = []plan.ScanColumn{{Column: &plan.Column{}, Path: path, Output: true}}, nil, nil
	keysOnly.Domains = slices.DeleteFunc(slices.Clone(keysOnly.Domains), func(d plan.Domain) bool { return d.MapKey != nil })
	scan, err := v.Open(ctx, keysOnly.Table, exec.RequestOf(&keysOnly))
	if err != nil {
		return nil, err
	}
	defer scan.Close()
	for rows, groups := 0, 0; rows < nearKeyRows && groups < nearKeyGroups; groups++ {
		group, err := scan.Next(ctx)
		if err == io.EOF {
			break
		}
		if err != nil {
			return keys, err
		}
		more, in, err := keysOfGroup(ctx, group, strings.Join(path, "."))
		if err != nil {
			return keys, err
		}
		keys, rows = append(keys, more...), rows+in
	}
	return keys, nil
}

// keysOfGroup returns the keys in a row group, each once, and the number of rows read.
func keysOfGroup(ctx context.Context, group exec.RowGroup, path string) (keys []string, rows int, err error) {
	live, err := group.Live(ctx)
	if err != nil {
		return nil, 0, err
	}
	lists, err := group.Read(ctx, []string{path}, live)
	if err != nil {
		return nil, 0, err
	}
	_, elements := batch.Lists(lists[0])
	occurring := map[string]bool{}
	for _, key := range batch.Strings(elements) {
		occurring[key] = true
	}
	for _, key := range slices.Sorted(maps.Keys(occurring)) {
		keys = append(keys, strings.Clone(key))
	}
	return keys, lists[0].Len(), nil
}
