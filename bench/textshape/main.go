// Command textshape measures what keeping the shapes of events costs instead of their texts:
//
//	go run ./bench/textshape FOLDER
//
// FOLDER holds log files (.json.gz, .ndjson.gz). Shapes and their numbers are taken by day of eventtime
// in order of time, as segments hold them, and compressed by zstd.
package main

import (
	"cmp"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/klauspost/compress/zstd"

	"github.com/auditlake/auditlake/ingest/logfile"
	"github.com/auditlake/auditlake/ingest/record"
	"github.com/auditlake/auditlake/storage/schema"
	"github.com/auditlake/auditlake/storage/textshape"
)

func main() {
	examples := flag.Int("examples", 0, "print this many texts that are kept, and the rarest shapes")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("textshape: give one folder of .json.gz files")
	}
	m := newMeasurement(*examples)
	err := filepath.WalkDir(flag.Arg(0), func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "json.gz") {
			return err
		}
		return m.file(path)
	})
	if err != nil {
		log.Fatal("shape: ", err)
	}
	m.flush()
	m.report()
}

// measurement adds up the shapes of many events.
type measurement struct {
	appender *record.Appender
	finder   *textshape.Finder
	rows     *textshape.Rows
	examples int

	texts     [][]byte
	events    int
	textBytes int64
	failures  int
	kept      int
	keptBytes int
	counts    map[string]int
	days      map[int64][]event
}

// event is one event's shape.
type event struct {
	millis int64
	shape  string // "": the text is kept
}

func newMeasurement(examples int) *measurement {
	table, _ := schema.ForCategory("Management")
	layout := textshape.NewLayout(table)
	return &measurement{
		appender: record.NewAppender(table), finder: textshape.NewFinder(layout), rows: layout.NewRows(),
		examples: examples, counts: map[string]int{}, days: map[int64][]event{},
	}
}

func (m *measurement) file(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	r := logfile.NewReader(logfile.DefaultLimits())
	r.Open(f)
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if _, failure := m.appender.Scan(rec.Raw); failure != nil {
			m.failures++
			continue
		}
		m.appender.Append()
		m.texts = append(m.texts, slices.Clone(rec.Raw))
		if m.appender.Rows() == 8192 {
			m.flush()
		}
	}
}

// flush takes the rows collected so far.
func (m *measurement) flush() {
	rec := m.appender.Flush()
	if err := m.rows.Bind(rec.Columns()); err != nil {
		log.Fatal("shape: ", err)
	}
	times := rec.Column(rec.Schema().FieldIndices("eventtime")[0]).(*array.Timestamp)
	for row, text := range m.texts {
		e := event{millis: int64(times.Value(row))}
		if p, ok := m.finder.Find(text, m.rows, row); ok {
			e.shape = p.Shape()
			m.counts[e.shape]++
		}
		if e.shape == "" {
			m.kept++
			m.keptBytes += len(text)
			if m.examples > 0 && m.kept <= m.examples {
				fmt.Printf("kept: %s\n", text)
			}
		}
		m.events++
		m.textBytes += int64(len(text))
		day := e.millis / 86_400_000
		m.days[day] = append(m.days[day], e)
	}
	m.texts = m.texts[:0]
}

func (m *measurement) report() {
	var ids, tables, tableText, distinct int
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		log.Fatal("shape: ", err)
	}
	for _, events := range m.days {
		slices.SortStableFunc(events, func(a, b event) int { return cmp.Compare(a.millis, b.millis) })
		seen := map[string]bool{}
		for _, e := range events {
			seen[e.shape] = true
		}
		delete(seen, "")
		table := make([]string, 0, len(seen))
		for s := range seen {
			table = append(table, s)
		}
		slices.Sort(table)
		var numbers []byte
		for _, e := range events {
			at, _ := slices.BinarySearch(table, e.shape)
			numbers = binary.LittleEndian.AppendUint16(numbers, uint16(at))
		}
		text := strings.Join(table, "\n")
		ids += len(encoder.EncodeAll(numbers, nil))
		tables += len(encoder.EncodeAll([]byte(text), nil))
		tableText += len(text)
		distinct += len(table)
	}
	n := float64(m.events)
	fmt.Printf("%d events of %d days, %.0f bytes each; %d records failed\n", m.events, len(m.days), float64(m.textBytes)/n, m.failures)
	fmt.Printf("rebuilt exactly: %d; text kept: %d (%d bytes)\n", m.events-m.kept, m.kept, m.keptBytes)
	fmt.Printf("shapes: %d distinct, %.1f in a day; %.0f bytes each\n", len(m.counts), float64(distinct)/float64(len(m.days)), float64(tableText)/max(1, float64(distinct)))
	fmt.Printf("zstd, bytes an event: numbers %.2f + tables %.2f = %.2f\n", float64(ids)/n, float64(tables)/n, float64(ids+tables)/n)
	if m.examples > 0 {
		shapes := make([]string, 0, len(m.counts))
		for s := range m.counts {
			shapes = append(shapes, s)
		}
		slices.SortFunc(shapes, func(a, b string) int { return cmp.Or(m.counts[b]-m.counts[a], strings.Compare(a, b)) })
		for _, s := range append(shapes[:min(3, len(shapes))], shapes[max(0, len(shapes)-m.examples):]...) {
			fmt.Println(m.counts[s], s)
		}
	}
}
