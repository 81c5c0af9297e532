package storage

import (
	"context"
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/processors"
	"github.com/auditlake/auditlake/storage/orc"
	"github.com/auditlake/auditlake/storage/schema"
)

// RowGroup is a run of at most 8192 rows, the unit of reading. It is safe for concurrent use.
type RowGroup struct {
	scan       *Scan
	ordinal    int
	position   int64
	reach      int64
	failed     error // why the rows cannot be read; there are none then
	segment    int   // in Scan.segments
	path       string
	reader     *orc.Reader
	stripe     *orc.Stripe
	group      int
	rows       int
	hot        *hotGroup // of pushed events: there is no segment
	open       []check   // left open by statistics
	partlyLive bool
}

// Ordinal is the index of the row group among those that the scan returned, in the order of the request.
func (g *RowGroup) Ordinal() int { return g.ordinal }

// Position is the position of the first row in scan order, counting skipped rows; the following rows have the
// following positions. It does not depend on the order of the request.
func (g *RowGroup) Position() int64 { return g.position }

// Unwanted reports whether all rows of this row group, and of those returned after it, lie beyond the bound of
// Scan.Until.
func (g *RowGroup) Unwanted() bool { return g.reach < g.scan.until.Load() }

// Rows is the number of rows, including those before the horizon.
func (g *RowGroup) Rows() int { return g.rows }

// Settled reports whether statistics prove that every row lies in the request's domains of a path, so that a filter
// by them need not read it.
func (g *RowGroup) Settled(path string) bool {
	ofPath := func(c check) bool { return !c.horizon && !c.isOfEntry() && c.domain.Path == path }
	return slices.ContainsFunc(g.scan.checks, ofPath) && !slices.ContainsFunc(g.open, ofPath)
}

// Live returns the rows within the horizon, ascending; nil: all. It reads eventtime only if statistics leave it
// open.
func (g *RowGroup) Live(ctx context.Context) ([]int32, error) {
	if g.failed != nil || !g.partlyLive {
		return nil, g.failed
	}
	arrays, err := g.Read(ctx, []string{timeColumn}, nil)
	if err != nil {
		return nil, err
	}
	times, ok := arrays[0].(*array.Timestamp)
	if !ok {
		return nil, &DamagedError{Path: g.path, Err: fmt.Errorf("%s is of type %s", timeColumn, arrays[0].DataType())}
	}
	horizon := arrow.Timestamp(g.scan.horizon)
	live := make([]int32, 0, g.rows)
	for i, t := range times.TimestampValues() {
		if t >= horizon {
			live = append(live, int32(i))
		}
	}
	if len(live) == g.rows {
		return nil, nil
	}
	return live, nil
}

// Read decodes columns and struct fields, such as "useridentity.arn", for the rows in sel.
//
// sel is ascending, each row at most once; nil: all. Read returns one array of that many rows per path.
// "requestparameters.key" is the list of a map's keys, "requestparameters.value" that of its values. In the map
// "requestparameters['bucketName','key']", entries under other keys may be missing. Text may come as
// Dictionary(int32, utf8). A field of a NULL struct is NULL. eventjsonchecksum is computed from eventjson.
//
// The caller must not change the arrays, which the lake's cache may share. A segment that does not hold what was
// written is a *DamagedError.
func (g *RowGroup) Read(ctx context.Context, paths []string, sel []int32) ([]arrow.Array, error) {
	if g.hot != nil {
		return g.readHot(ctx, paths, sel)
	}
	arrays := make([]arrow.Array, len(paths))
	var stored []string // distinct paths
	at := make([]int, len(paths))
	for i, path := range paths {
		if err := g.scan.paths.check(path); err != nil {
			return nil, err
		}
		path = storedPath(path)
		if at[i] = slices.Index(stored, path); at[i] < 0 {
			at[i] = len(stored)
			stored = append(stored, path)
		}
	}
	read, err := g.readTexts(ctx, stored, sel)
	if err != nil {
		return nil, err
	}
	for i, path := range paths {
		arrays[i] = read[at[i]]
		if path == checksumColumn {
			arrays[i] = checksums(arrays[i])
		}
	}
	return arrays, nil
}

// charge adds what was read of columns to the scan's bill.
func (g *RowGroup) charge(stored []string, usage *orc.Usage) {
	processors.LockSoon(&g.scan.mu)
	defer g.scan.mu.Unlock()
	g.scan.bill.addUsage(g.ordinal, g.segment, usage)
	g.scan.ahead.noteRead(stored)
}

func (g *RowGroup) readStored(ctx context.Context, stored []string, sel []int32) ([]arrow.Array, error) {
	if len(stored) == 0 {
		return nil, nil
	}
	paths := make([]orc.Path, len(stored))
	for i, path := range stored {
		paths[i] = g.scan.paths.parse(path)
	}
	g.stripe.Expect(paths)
	usage := &orc.Usage{}
	arrays, err := g.stripe.Read(ctx, g.group, paths, sel, usage)
	g.charge(stored, usage)
	if err != nil {
		return nil, readError(g.path, err)
	}
	return arrays, nil
}

// storedPath returns the stored path that is read for a column.
func storedPath(path string) string {
	if path == checksumColumn {
		return jsonColumn
	}
	return path
}

// storedPaths checks paths and returns the stored paths that are read for them.
func storedPaths(table *schema.Table, paths []string) ([]orc.Path, error) {
	stored := make([]orc.Path, len(paths))
	for i, path := range paths {
		if _, err := findColumn(table, path); err != nil {
			return nil, err
		}
		stored[i] = orc.ParsePath(storedPath(path))
	}
	return stored, nil
}
