package storage

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/storage/orc"
	"github.com/auditlake/auditlake/storage/schema"
	"github.com/auditlake/auditlake/storage/textshape"
)

// rebuildPaths returns the columns from which eventjson is rebuilt: all stored ones, then the shapes.
func rebuildPaths(table *schema.Table) []string {
	var paths []string
	for _, c := range table.Stored() {
		paths = append(paths, c.Name)
	}
	return append(paths, schema.Shape.Name)
}

// withRebuilt adds to the paths that are read of a row group the columns from which eventjson is rebuilt, if it is.
func (g *RowGroup) withRebuilt(paths []orc.Path) ([]orc.Path, error) {
	isText := func(p orc.Path) bool { return p.String() == jsonColumn }
	if !slices.ContainsFunc(paths, isText) {
		return paths, nil
	}
	hasShapes, err := hasShapes(g.reader)
	if err != nil || !hasShapes {
		return paths, err
	}
	paths = slices.Clone(paths)
	for _, column := range g.scan.texts().columns {
		paths = append(paths, orc.Column(column))
	}
	return paths, nil
}

// readTexts is readStored, and rebuilds texts for which the segment has shapes.
func (g *RowGroup) readTexts(ctx context.Context, stored []string, sel []int32) ([]arrow.Array, error) {
	at := slices.Index(stored, jsonColumn)
	if at < 0 {
		return g.readStored(ctx, stored, sel)
	}
	hasShapes, err := hasShapes(g.reader)
	if err != nil {
		return nil, readError(g.path, err)
	}
	if !hasShapes {
		return g.readStored(ctx, stored, sel)
	}
	all := slices.Clone(stored)
	for _, path := range g.scan.texts().columns {
		if !slices.Contains(all, path) {
			all = append(all, path)
		}
	}
	arrays, err := g.readStored(ctx, all, sel)
	if err != nil {
		return nil, err
	}
	arrays[at], err = g.scan.texts().rebuild(func(path string) arrow.Array { return arrays[slices.Index(all, path)] })
	if err != nil {
		return nil, &DamagedError{Path: g.path, Err: err}
	}
	return arrays[:len(stored)], nil
}

// hasShapes reports, by the footer, whether texts of a segment are rebuilt.
func hasShapes(reader *orc.Reader) (bool, error) {
	s, err := reader.Statistics(orc.Column(schema.Shape.Name))
	return !s.Known || s.Values > 0, err
}

// maxKnownShapes limits the compiled shapes that a scan caches; usual days have some hundred.
const maxKnownShapes = 4096

// sampledRows is how many rows are sampled to estimate the size of a row group's texts.
const sampledRows = 256

// rebuilder rebuilds texts from their shapes. It is safe for concurrent use.
type rebuilder struct {
	layout  *textshape.Layout
	columns []string // of the layout, and the column of shapes

	mu       sync.Mutex
	programs map[string]*textshape.Program // mu
}

func newRebuilder(table *schema.Table) *rebuilder {
	return &rebuilder{layout: textshape.NewLayout(table), columns: rebuildPaths(table), programs: map[string]*textshape.Program{}}
}

// rebuild returns the texts of rows; column returns the columns of rebuildPaths.
func (r *rebuilder) rebuild(column func(path string) arrow.Array) (arrow.Array, error) {
	columns := make([]arrow.Array, len(r.columns))
	for i, path := range r.columns {
		columns[i] = column(path)
	}
	kept, shapes := column(jsonColumn), column(schema.Shape.Name)
	rows := r.layout.NewRows()
	if err := rows.Bind(columns[:len(columns)-1]); err != nil {
		return nil, err
	}
	var bytes []byte
	offsets := make([]int32, 1, kept.Len()+1)
	valid := make([]bool, kept.Len())
	known := shapeCache{rebuilder: r}
	for row := range kept.Len() {
		program, err := known.program(shapes, row)
		if err != nil {
			return nil, err
		}
		if program != nil {
			valid[row] = true
			if bytes, err = program.Append(bytes, rows, row); err != nil {
				return nil, err
			}
		} else if text, ok := textAt(kept, row); ok {
			valid[row] = true
			bytes = append(bytes, text...)
		}
		if len(bytes) > math.MaxInt32 {
			return nil, fmt.Errorf("texts of %d rows: %w", kept.Len(), errArrayTooLarge)
		}
		offsets = append(offsets, int32(len(bytes)))
		if row == sampledRows {
			bytes = slices.Grow(bytes, len(bytes)/row*(kept.Len()-row)*9/8)
		}
	}
	return newTextArray(valid, offsets, bytes), nil
}

func newTextArray(valid []bool, offsets []int32, bytes []byte) arrow.Array {
	bits := arrowdata.NewBitmap(len(valid))
	for i, ok := range valid {
		if ok {
			arrowdata.SetBit(bits, i)
		}
	}
	bitmap, nulls := arrowdata.NullBuffer(bits, len(valid))
	return array.MakeFromData(array.NewData(arrow.BinaryTypes.String, len(valid), []*memory.Buffer{
		bitmap, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(offsets)), memory.NewBufferBytes(bytes)}, nil, nulls, 0))
}

// program finds or compiles a shape.
func (r *rebuilder) program(text string) (*textshape.Program, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p := r.programs[text]; p != nil {
		return p, nil
	}
	p, err := r.layout.Compile([]byte(text))
	if err != nil {
		return nil, err
	}
	if len(r.programs) >= maxKnownShapes {
		clear(r.programs)
	}
	r.programs[text] = p
	return p, nil
}

// shapeCache holds the programs of one array's dictionary.
type shapeCache struct {
	rebuilder *rebuilder
	byCode    []*textshape.Program
}

// program returns the program of a row's shape, or nil if it has none.
func (c *shapeCache) program(shapes arrow.Array, row int) (*textshape.Program, error) {
	if shapes.IsNull(row) {
		return nil, nil
	}
	d, ok := shapes.(*array.Dictionary)
	if !ok {
		text, _ := textAt(shapes, row)
		return c.rebuilder.program(text)
	}
	if c.byCode == nil {
		c.byCode = make([]*textshape.Program, d.Dictionary().Len())
	}
	code := d.GetValueIndex(row)
	if c.byCode[code] == nil {
		text, _ := textAt(shapes, row)
		p, err := c.rebuilder.program(text)
		if err != nil {
			return nil, err
		}
		c.byCode[code] = p
	}
	return c.byCode[code], nil
}
