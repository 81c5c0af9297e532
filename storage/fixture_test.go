package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/schema"
	"github.com/auditlake/auditlake/storage/vfs"
)

const storeID = "11111111-2222-4333-8444-555555555555"

var (
	ctx  = context.Background()
	noon = time.Date(2025, 3, 4, 12, 0, 0, 0, time.UTC)
	ever = time.Unix(0, 0) // a horizon before all rows
)

// event is a row of the tests; the columns that it lacks are NULL.
type event struct {
	at       time.Time
	name     string
	id       string // NULL if empty
	arn      string // NULL if empty, and the whole identity if name is empty too
	readOnly *bool
	params   map[string]string
}

func record(t testing.TB, events []event) arrow.Record {
	t.Helper()
	table, ok := schema.ForCategory("Management")
	require.True(t, ok)
	b := array.NewRecordBuilder(memory.DefaultAllocator, table.Arrow())
	for _, e := range events {
		appendEvent(b, e)
	}
	return b.NewRecord()
}

func appendEvent(b *array.RecordBuilder, e event) {
	for i := range b.Schema().NumFields() {
		column, field := b.Field(i), b.Schema().Field(i)
		switch field.Name {
		case "eventtime":
			column.(*array.TimestampBuilder).Append(arrow.Timestamp(e.at.UnixMilli()))
		case "eventname":
			appendText(column.(*array.StringBuilder), e.name)
		case "eventid":
			appendText(column.(*array.StringBuilder), e.id)
		case "eventjson":
			column.(*array.StringBuilder).Append(`{"eventName":"` + e.name + `"}`)
		case "useridentity":
			appendIdentity(column.(*array.StructBuilder), field.Type.(*arrow.StructType), e)
		case "readonly":
			if e.readOnly == nil {
				column.AppendNull()
			} else {
				column.(*array.BooleanBuilder).Append(*e.readOnly)
			}
		case "requestparameters":
			appendMap(column.(*array.MapBuilder), e.params)
		default:
			column.AppendNull()
		}
	}
}

func appendText(b *array.StringBuilder, s string) {
	if s == "" {
		b.AppendNull()
		return
	}
	b.Append(s)
}

func appendIdentity(b *array.StructBuilder, identity *arrow.StructType, e event) {
	if e.arn == "" && e.name == "" {
		b.AppendNull()
		return
	}
	b.Append(true)
	for i := range identity.NumFields() {
		if identity.Field(i).Name == "arn" {
			appendText(b.FieldBuilder(i).(*array.StringBuilder), e.arn)
		} else {
			b.FieldBuilder(i).AppendNull()
		}
	}
}

func appendMap(b *array.MapBuilder, m map[string]string) {
	if m == nil {
		b.AppendNull()
		return
	}
	b.Append(true)
	for key, value := range m {
		b.KeyBuilder().(*array.StringBuilder).Append(key)
		b.ItemBuilder().(*array.StringBuilder).Append(value)
	}
}

func testStore() *catalog.Store {
	return &catalog.Store{ID: storeID, Name: "main", Category: "Management", Status: catalog.StoreEnabled}
}

func openLake(t *testing.T, dir string, files vfs.FS) *Lake {
	t.Helper()
	l, err := Open(ctx, dir, Options{FS: files, Decoder: decodeEvents(t)})
	require.NoError(t, err)
	return l
}

// pushedText is an event as it is pushed: "milliseconds name arn", and its parameters if it has any.
func pushedText(e event) []byte {
	text := fmt.Appendf(nil, "%d %s %s", e.at.UnixMilli(), e.name, e.arn)
	if e.params == nil {
		return text
	}
	params, err := json.Marshal(e.params)
	if err != nil {
		panic(err)
	}
	return append(append(text, ' '), params...)
}

// decodeFunc is a Decoder that lends nothing: what is given back is damaged, so that nobody reads it any more.
type decodeFunc func(table *schema.Table, events [][]byte) (arrow.Record, error)

func (d decodeFunc) Decode(table *schema.Table, events [][]byte) (arrow.Record, error) {
	return d(table, events)
}

func (d decodeFunc) DecodeLent(table *schema.Table, events [][]byte) (arrow.Record, func(), error) {
	rec, err := d(table, events)
	return rec, func() {
		for _, column := range rec.Columns() {
			damageData(column.Data())
		}
	}, err
}

// damageData overwrites what an array holds.
func damageData(data arrow.ArrayData) {
	for _, buffer := range data.Buffers() {
		if buffer != nil {
			for i := range buffer.Bytes() {
				buffer.Bytes()[i] ^= 0x55
			}
		}
	}
	for _, child := range data.Children() {
		damageData(child)
	}
}

func decodeEvents(t *testing.T) Decoder {
	return decodeFunc(func(_ *schema.Table, texts [][]byte) (arrow.Record, error) {
		var events []event
		for _, text := range texts {
			parts := strings.SplitN(string(text), " ", 4)
			if len(parts) < 3 {
				return nil, fmt.Errorf("%q is no event", text)
			}
			millis, err := strconv.ParseInt(parts[0], 10, 64)
			if err != nil {
				return nil, err
			}
			e := event{at: time.UnixMilli(millis), name: parts[1], arn: parts[2]}
			if len(parts) == 4 {
				if err := json.Unmarshal([]byte(parts[3]), &e.params); err != nil {
					return nil, err
				}
			}
			events = append(events, e)
		}
		return record(t, events), nil
	})
}

func push(t *testing.T, l *Lake, events ...event) {
	t.Helper()
	require.NoError(t, tryPush(t, l, events...))
}

func tryPush(t *testing.T, l *Lake, events ...event) error {
	t.Helper()
	return l.Push(ctx, partOf(testStore(), events...))
}

func partOf(store *catalog.Store, events ...event) Part {
	part := Part{Store: store}
	for _, e := range events {
		part.Events.AppendText(func(to []byte) []byte { return append(to, pushedText(e)...) })
		part.Times = append(part.Times, e.at.UnixMilli())
	}
	return part
}

// newLake makes a lake with the test's store.
func newLake(t *testing.T) *Lake { return newLakeOn(t, nil) }

func newLakeOn(t *testing.T, files vfs.FS) *Lake {
	t.Helper()
	l := openLake(t, t.TempDir(), files)
	t.Cleanup(func() {
		if err := l.Close(); !errors.Is(err, ErrClosed) {
			require.NoError(t, err)
		}
	})
	putStore(t, l)
	return l
}

func putStore(t *testing.T, l *Lake) {
	t.Helper()
	require.NoError(t, l.Catalog().Update(ctx, func(tx *catalog.Tx) error { return tx.PutStore(testStore()) }))
}

func newWriter(t *testing.T, l *Lake) *Writer {
	t.Helper()
	w, err := l.NewWriter(testStore())
	require.NoError(t, err)
	return w
}

func commit(t *testing.T, l *Lake, events ...event) {
	t.Helper()
	w := newWriter(t, l)
	require.NoError(t, w.Append(record(t, events)))
	require.NoError(t, w.Commit(ctx, catalog.ImportChange{}))
	w.Abort()
}

func snapshot(t *testing.T, l *Lake) *Snapshot {
	t.Helper()
	s, err := l.Snapshot(ctx)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

func startScan(t *testing.T, s *Snapshot, req ScanRequest) *Scan {
	t.Helper()
	if req.StoreID == "" {
		req.StoreID = storeID
	}
	sc, err := s.Scan(req)
	require.NoError(t, err)
	return sc
}

// names reads the eventname of all live rows, in scan order.
func names(t *testing.T, s *Snapshot, req ScanRequest) []string {
	t.Helper()
	list, err := readNames(startScan(t, s, req))
	require.NoError(t, err)
	return list
}

func readNames(sc *Scan) ([]string, error) {
	list := []string{}
	for {
		g, err := sc.Next(ctx)
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		live, err := g.Live(ctx)
		if err != nil {
			return nil, err
		}
		arrays, err := g.Read(ctx, []string{"eventname"}, live)
		if err != nil {
			return nil, err
		}
		for i := range arrays[0].Len() {
			name, _ := textAt(arrays[0], i)
			list = append(list, name)
		}
	}
}

// segmentFiles lists the files of segments below stores/ that were not set aside, relative to it.
func segmentFiles(t *testing.T, l *Lake) []string {
	t.Helper()
	var files []string
	require.NoError(t, filepath.WalkDir(l.storesPath(), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && !isSetAside(path) && entry.Name() != storeFile {
			name, _ := filepath.Rel(l.storesPath(), path)
			files = append(files, name)
		}
		return err
	}))
	return files
}

func requireEqualArrays(t *testing.T, want, got arrow.Array, name string) {
	t.Helper()
	require.True(t, array.Equal(want, got), "%s: %s, want %s", name, got, want)
}
