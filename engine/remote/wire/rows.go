package wire

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/planner/types"
)

// The arrays of an answer travel in the engine's own layout, with the Trino type of
// each column in its field. Codes of time zones are of a process: where there are
// any, a last column has their names, as JSON in its first row.
const (
	typeKey    = "trino.type"
	zonesField = "zones"
)

func schemaOf(columns []answer.Column) (schema *arrow.Schema, hasZones bool) {
	var fields []arrow.Field
	for _, c := range columns {
		hasZones = hasZones || arrowtype.HasZones(c.Type)
		fields = append(fields, arrow.Field{Name: c.Name, Type: arrowtype.Of(c.Type), Nullable: true,
			Metadata: arrow.NewMetadata([]string{typeKey}, []string{c.Type.String()})})
	}
	if hasZones {
		fields = append(fields, arrow.Field{Name: zonesField, Type: arrow.BinaryTypes.String, Nullable: true})
	}
	return arrow.NewSchema(fields, nil), hasZones
}

// Writer writes an answer.
type Writer struct {
	out      io.Writer
	columns  []answer.Column
	schema   *arrow.Schema
	hasZones bool
	ipc      *ipc.Writer
}

// NewWriter returns a writer of an answer. Nothing is written before the first rows or the end.
func NewWriter(out io.Writer, columns []answer.Column) *Writer {
	w := &Writer{out: out, columns: columns}
	w.schema, w.hasZones = schemaOf(columns)
	w.ipc = ipc.NewWriter(out, ipc.WithSchema(w.schema))
	return w
}

// WriteRows writes the next arrays of an answer.
func (w *Writer) WriteRows(arrays []arrow.Array) error {
	rows := arrays[0].Len()
	if w.hasZones {
		zones, err := w.zonesColumn(arrays, rows)
		if err != nil {
			return err
		}
		arrays = append(arrays[:len(arrays):len(arrays)], zones)
	}
	return w.ipc.Write(array.NewRecord(w.schema, arrays, int64(rows)))
}

func (w *Writer) zonesColumn(arrays []arrow.Array, rows int) (arrow.Array, error) {
	names := map[arrowtype.Zone]string{}
	for i, c := range w.columns {
		arrowtype.EachZoned(c.Type, arrays[i].Data(), func(zoned *array.Struct, zones *array.Int32) {
			for row := range zoned.Len() {
				if _, known := names[zones.Value(row)]; !known && !zoned.IsNull(row) {
					names[zones.Value(row)] = arrowtype.ZoneName(zones.Value(row))
				}
			}
		})
	}
	text, err := json.Marshal(names)
	if err != nil {
		return nil, err
	}
	column := array.NewStringBuilder(memory.DefaultAllocator)
	column.Append(string(text))
	column.AppendNulls(rows - 1)
	return column.NewArray(), nil
}

// WriteEnd writes what follows the rows.
func (w *Writer) WriteEnd(end End) error {
	if err := w.ipc.Close(); err != nil {
		return err
	}
	text, err := json.Marshal(end)
	if err != nil {
		return err
	}
	_, err = w.out.Write(text)
	return err
}

// maxEndBytes is above what an error's text has.
const maxEndBytes = 16 << 20

// ErrCut means that an answer has no end.
var ErrCut = errors.New("the answer was cut")

// Reader reads an answer.
type Reader struct {
	in      *bufio.Reader
	ipc     *ipc.Reader
	columns []answer.Column
}

// NewReader waits for the first rows or the end, so that columns are known.
func NewReader(in io.Reader) (r *Reader, err error) {
	r = &Reader{in: bufio.NewReaderSize(in, 64<<10)}
	if _, err := r.in.Peek(1); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCut, err)
	}
	if r.ipc, err = ipc.NewReader(r.in); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCut, err)
	}
	fields := r.ipc.Schema().Fields()
	for i, field := range fields {
		text, ok := field.Metadata.GetValue(typeKey)
		if !ok && i == len(fields)-1 && field.Name == zonesField {
			return r, nil
		}
		t, err := types.ParseType(text)
		if err != nil || !arrow.TypeEqual(field.Type, arrowtype.Of(t)) {
			return nil, fmt.Errorf("column %d of the answer has the type %q, which is not known here: %w", i+1, text, errors.Join(err))
		}
		r.columns = append(r.columns, answer.Column{Name: field.Name, Type: t})
	}
	return r, nil
}

// Columns are the answer's.
func (r *Reader) Columns() []answer.Column { return r.columns }

// ReadRows returns the next arrays, nil after the last.
func (r *Reader) ReadRows() (arrays []arrow.Array, err error) {
	defer func() {
		if p := recover(); p != nil {
			arrays, err = nil, fmt.Errorf("rows of the answer cannot be read: %v", p)
		}
	}()
	if !r.ipc.Next() {
		if err := r.ipc.Err(); err != nil && err != io.EOF {
			return nil, fmt.Errorf("%w: %w", ErrCut, err)
		}
		return nil, nil
	}
	record := r.ipc.Record()
	arrays = make([]arrow.Array, record.NumCols())
	for i := range arrays {
		arrays[i] = record.Column(i)
		arrays[i].Retain()
	}
	if len(arrays) > len(r.columns) {
		err = r.ownZones(arrays)
	}
	return arrays[:len(r.columns)], err
}

// ownZones replaces the other process's codes of zones by this one's, in place.
func (r *Reader) ownZones(arrays []arrow.Array) error {
	var names map[arrowtype.Zone]string
	if err := json.Unmarshal([]byte(arrays[len(arrays)-1].(*array.String).Value(0)), &names); err != nil {
		return fmt.Errorf("time zones of the answer: %w", err)
	}
	codes := map[arrowtype.Zone]arrowtype.Zone{}
	var errs []error
	for code, name := range names {
		own, err := arrowtype.ParseZone(name)
		codes[code] = own
		errs = append(errs, err)
	}
	for i, c := range r.columns {
		arrowtype.EachZoned(c.Type, arrays[i].Data(), func(zoned *array.Struct, zones *array.Int32) {
			for row, values := 0, zones.Int32Values(); row < zoned.Len(); row++ {
				values[row] = codes[values[row]] // UTC where there is no value
			}
		})
	}
	return errors.Join(errs...)
}

// ReadEnd reads what follows the rows, after ReadRows has returned nil.
func (r *Reader) ReadEnd() (End, error) {
	var end End
	text, err := io.ReadAll(io.LimitReader(r.in, maxEndBytes))
	if err == nil {
		err = json.Unmarshal(text, &end)
	}
	if err != nil {
		return end, fmt.Errorf("%w: %w", ErrCut, err)
	}
	return end, nil
}
