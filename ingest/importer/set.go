package importer

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/storage/catalog"
)

// The bytes that a set takes in its transaction, estimated high, without the names of its files. One transaction
// holds maxSetBytes.
const (
	maxSetBytes     = 2_250_000
	locationBytes   = 350
	entryBytes      = 640 // with one admission
	admissionBytes  = 150 // for each further one
	setSegmentBytes = 700
)

// nameBytes returns the bytes of a file's name in a record.
func nameBytes(name string) int {
	n := len(name)
	for i := range len(name) {
		if c := name[i]; c < ' ' || c >= 0x80 || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			n += 5 // as an escape
		}
	}
	return n
}

// set is what was taken since the last commit: whole files, or the first part of one.
type set struct {
	files    []setFile // those with ledger entries
	counts   catalog.ImportCounts
	failures []catalog.Failure
	contents map[string]bool // SHA-256 of these files; in a dry run, of all
	bytes    int             // of the ledger entries
	whole    bool            // it cannot be split: it has rows that its files do not describe
}

func newSet() set { return set{contents: map[string]bool{}} }

// setFile is a file on its way into the ledger.
type setFile struct {
	file
	large bool // its rows came in several parts
	more  bool // it is the first part of a larger file
	// admissions is how many the ledger has of the content already.
	admissions int
	// added is what the set adds of the file.
	added FileResult
	rows  []rowText // of added
	until int64     // the last eventtime among the rows added; MaxInt64: all are
}

// rowText has the times of some rows and where their texts begin and end.
type rowText struct {
	times  []arrow.Timestamp
	ends   []int32 // start of the first text, then the end of each; nil in a category without texts
	latest arrow.Timestamp
}

// newRowText returns the rowText for rows of two columns; texts may be nil.
func newRowText(times, texts arrow.Array, rows span) rowText {
	t := rowText{times: times.(*array.Timestamp).TimestampValues()[rows.from:rows.to]}
	if texts != nil {
		t.ends = texts.(*array.String).ValueOffsets()[rows.from : rows.to+1]
	}
	for _, at := range t.times {
		t.latest = max(t.latest, at)
	}
	return t
}

// add adds a file with its ledger entries.
func (s *set) add(f setFile) {
	name := nameBytes(f.Object.Key)
	if !f.Duplicate {
		s.contents[f.ContentSHA256] = true
		s.bytes += entryBytes + name + f.admissions*admissionBytes
	}
	s.bytes += locationBytes + name
	s.files = append(s.files, f)
}

// split moves the files with rows on or after a day into a set of their own. Files that also have rows before it
// stay, too, as files that were imported up to that day.
func (s *set) split(day catalog.Day) set {
	rest := newSet()
	stay := s.files[:0]
	for _, f := range s.files {
		before, after := f.split(day)
		if before != nil {
			stay = append(stay, *before)
		}
		if after == nil {
			continue
		}
		counts := add(recordCounts(after.added), fileCounts(&f.file))
		s.counts, rest.counts = subtract(s.counts, counts), add(rest.counts, counts)
		rest.add(*after)
	}
	s.files = stay
	return rest
}

// split divides a file into its rows before a day, nil if there are none, and those from the day on.
func (f *setFile) split(day catalog.Day) (before, after *setFile) {
	bound := arrow.Timestamp(day.Start())
	var later []rowText
	events, bytes := int64(0), int64(0)
	for _, t := range f.rows {
		if t.latest < bound {
			continue
		}
		for i, at := range t.times {
			if at < bound {
				continue
			}
			events++
			if t.ends != nil {
				bytes += int64(t.ends[i+1] - t.ends[i])
			}
		}
		later = append(later, t)
	}
	switch events {
	case 0:
		return f, nil
	case f.added.Events:
		return nil, f
	}
	if later[0].ends == nil {
		bytes = f.added.EventBytes * events / f.added.Events // its share; the sum is right
	}
	head, tail := *f, *f
	tail.added = FileResult{Records: events, Events: events, EventBytes: bytes}
	tail.rows = nil
	for _, t := range later {
		tail.rows = append(tail.rows, t.from(bound)...)
	}
	head.added = f.added.minus(tail.added)
	head.rows, head.until = nil, min(f.until, int64(bound)-1)
	return &head, &tail
}

// from returns the rows at a time or later, as runs.
func (t rowText) from(bound arrow.Timestamp) []rowText {
	var runs []rowText
	for i := 0; i < len(t.times); i++ {
		if t.times[i] < bound {
			continue
		}
		first := i
		for i < len(t.times) && t.times[i] >= bound {
			i++
		}
		run := rowText{times: t.times[first:i], latest: t.latest}
		if t.ends != nil {
			run.ends = t.ends[first : i+1]
		}
		runs = append(runs, run)
	}
	return runs
}

// allRows is the until of a file whose rows are all added.
const allRows = math.MaxInt64
