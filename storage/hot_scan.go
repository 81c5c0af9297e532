package storage

import (
	"context"
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/storage/orc"
	"github.com/auditlake/auditlake/storage/schema"
)

// hotGroup is a row group of pushed events. It costs the bytes of the log that hold them, whatever is read of it.
type hotGroup struct {
	batches  []*hotBatch
	rows     int
	bytes    int64
	min, max int64
}

// addHot divides a store's pushed events into row groups and keeps those that may match.
func (sc *Scan) addHot(storeID string, batches []*hotBatch) {
	var group *hotGroup
	for _, b := range batches {
		if b.storeID != storeID {
			continue
		}
		if group == nil || group.rows+b.rows() > orc.RowGroupRows {
			group = &hotGroup{min: b.min, max: b.max}
			sc.hot = append(sc.hot, group)
		}
		group.batches = append(group.batches, b)
		group.rows += b.rows()
		group.bytes += b.bytes
		group.min, group.max = min(group.min, b.min), max(group.max, b.max)
		sc.stats.BytesStored += b.bytes
	}
	sc.stats.RowGroupsTotal += int64(len(sc.hot))
	left := sc.hot[:0]
	for _, g := range sc.hot {
		if _, mayMatch := g.narrow(sc.checks); mayMatch {
			left = append(left, g)
		}
	}
	sc.stats.RowGroupsPruned += int64(len(sc.hot) - len(left))
	sc.hot = left
}

// narrow evaluates checks by the times of the events.
func (g *hotGroup) narrow(checks []check) (open []check, mayMatch bool) {
	return narrowTimes(checks, timeStatistics(int64(g.rows), g.min, g.max))
}

// giveOutHot returns a row group of pushed events.
func (sc *Scan) giveOutHot(v *visit) *RowGroup {
	open, _ := v.hot.narrow(sc.checks)
	sc.mu.Lock()
	defer sc.mu.Unlock()
	g := &RowGroup{scan: sc, ordinal: len(sc.bill.groupRows), position: v.position, reach: v.reach, segment: -1, hot: v.hot, rows: v.hot.rows,
		open: open, partlyLive: horizonOpen(open)}
	sc.bill.addGroup(g.rows)
	sc.bill.addHot(g.ordinal, v.hot.bytes)
	return g
}

// readHot is Read for pushed events.
func (g *RowGroup) readHot(ctx context.Context, paths []string, sel []int32) ([]arrow.Array, error) {
	records, sources, err := g.scan.snapshot.lake.hot.decoded(g.scan.table, g.hot.batches)
	if err != nil {
		return nil, err
	}
	picks := g.hot.picks(sources, sel)
	arrays := make([]arrow.Array, len(paths))
	for i, path := range paths {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if _, err := findColumn(g.scan.table, path); err != nil {
			return nil, err
		}
		column, err := findColumn(g.scan.table, storedPath(path))
		if err != nil {
			return nil, err
		}
		from := make([]arrow.Array, len(records))
		for j, columns := range records {
			from[j] = g.scan.hotColumn(columns, storedPath(path))
		}
		if column.Type.ID() == arrow.BOOL && orc.ParsePath(path).Keys != nil {
			arrays[i] = presence(from, picks)
			continue
		}
		data, err := gather(column.Type, from, picks)
		if err != nil {
			return nil, fmt.Errorf("pushed events: %w", err)
		}
		arrays[i] = array.MakeFromData(data)
		if path == checksumColumn {
			arrays[i] = checksums(arrays[i])
		}
	}
	return arrays, nil
}

// picks returns the rows at sel (nil: all), given where each batch begins.
func (g *hotGroup) picks(sources []pick, sel []int32) []pick {
	picks := make([]pick, 0, g.rows)
	from := 0
	for i, b := range g.batches {
		if sel == nil {
			for row := range b.rows() {
				picks = append(picks, pick{source: sources[i].source, row: sources[i].row + int32(row)})
			}
		}
		for len(sel) > 0 && int(sel[0]) < from+b.rows() {
			picks = append(picks, pick{source: sources[i].source, row: sources[i].row + sel[0] - int32(from)})
			sel = sel[1:]
		}
		from += b.rows()
		if sel != nil && len(sel) == 0 {
			break
		}
	}
	return picks
}

// hotColumn finds a column, a field inside structs, the keys or the values of a map, or a field of the structs in a
// list. A field of a NULL struct is NULL.
func (sc *Scan) hotColumn(columns []arrow.Array, path string) arrow.Array {
	names := orc.ParsePath(path).Names
	stored := sc.table.Stored()
	at := slices.IndexFunc(stored, func(c schema.Column) bool { return c.Name == names[0] })
	found := columns[at]
	for _, name := range names[1:] {
		if m, isMap := found.(*array.Map); isMap {
			if name == valueStep {
				return arrowdata.ValuesOf(m)
			}
			return arrowdata.KeysOf(m)
		}
		if l, isList := found.(*array.List); isList {
			return arrowdata.FieldOf(l, names[len(names)-1])
		}
		parent := found.(*array.Struct)
		field, _ := parent.DataType().(*arrow.StructType).FieldIdx(name)
		found = arrowdata.NullsOf(parent, parent.Field(field))
	}
	return found
}

// presence is true where a picked row has a value, and NULL elsewhere.
func presence(from []arrow.Array, picks []pick) arrow.Array {
	present := array.NewBooleanBuilder(memory.DefaultAllocator)
	defer present.Release()
	present.Reserve(len(picks))
	for _, p := range picks {
		if from[p.source].IsNull(int(p.row)) {
			present.UnsafeAppendBoolToBitmap(false)
		} else {
			present.UnsafeAppend(true)
		}
	}
	return present.NewArray()
}
