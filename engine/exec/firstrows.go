package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
)

// firstRows finds the first row of each key. If there is no memory for more keys, it spills the rows with other
// keys. Their first rows are found at the end, and all come after those found before.
type firstRows struct {
	seen     *grouper
	memory   *account // holds what seen holds
	spilling *keySpilling
	level    int          // how often the rows were divided before
	rest     *dividedRows // nil: there has been memory for all keys

	groups []int32
}

// firstOf lists the rows of a dense batch that are the first ones with their keys, as far as they are found now.
func (f *firstRows) firstOf(b *batch.Batch, keys []batch.Vector) ([]int32, error) {
	f.groups = resized(f.groups, b.Len)
	if f.rest == nil && f.seen.groups > 0 && f.spilling.isNeeded(f.memory, f.seen.growthBytes(keys, b.Len)) {
		f.rest = f.spilling.divide(f.level)
	}
	if f.rest == nil {
		fresh, err := f.seen.insertNew(keys, b.Len, f.groups)
		if err == nil {
			return fresh, f.memory.set(f.seen.sizeBytes())
		}
		if !memory.IsFull(err) || f.seen.groups == 0 {
			return nil, err
		}
		if f.rest = f.spilling.divide(f.level); f.rest == nil {
			return nil, err
		}
	}
	if err := f.seen.find(keys, b.Len, f.groups); err != nil {
		return nil, err
	}
	return nil, f.rest.addRows(b, keys, absentRows(f.groups[:b.Len]))
}

// absentRows lists the rows without a group.
func absentRows(groups []int32) []int32 {
	var rows []int32
	for row, group := range groups {
		if group == batch.Absent {
			rows = append(rows, int32(row))
		}
	}
	return rows
}

// restOf returns the first row of each key among divided rows, in order, with row numbers. The first keys columns
// are the keys; newSeen makes an empty grouper of them.
func (s *keySpilling) restOf(ctx context.Context, rest *dividedRows, keys int, held *account, newSeen func() *grouper) (rowStream, error) {
	var results *sortedRuns
	err := rest.process(ctx, func(level int) division {
		return &firstRowsDivision{keys: keys, results: &results, rows: firstRows{seen: newSeen(), memory: held, spilling: s, level: level}}
	})
	if err != nil {
		return nil, err
	}
	if results == nil {
		return &tableReader{table: &table{}}, nil
	}
	return results.finish(ctx)
}

// firstRowsDivision finds the first rows of one division.
type firstRowsDivision struct {
	rows    firstRows
	keys    int
	results **sortedRuns // made with the first rows
}

func (d *firstRowsDivision) addDivided(ctx context.Context, b *batch.Batch) error {
	fresh, err := d.rows.firstOf(b, b.Columns[:d.keys])
	if err != nil || len(fresh) == 0 {
		return err
	}
	if *d.results == nil {
		*d.results = d.rows.spilling.resultsOf(len(b.Columns) - 1)
	}
	return (*d.results).addBatch(ctx, &batch.Batch{Columns: b.Columns, Len: b.Len, Sel: fresh})
}

func (d *firstRowsDivision) endDivision(ctx context.Context) (*dividedRows, error) {
	d.rows.seen = nil
	if err := d.rows.memory.set(0); err != nil || *d.results == nil {
		return d.rows.rest, err
	}
	return d.rows.rest, (*d.results).leaveRoom(ctx)
}
