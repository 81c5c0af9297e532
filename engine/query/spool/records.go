package spool

import (
	"sync"

	"github.com/apache/arrow/go/v15/arrow"
)

// Records are the rows of a result as records of limited length, for a scan. They are safe for concurrent use.
type Records struct {
	result *Result
	slices []recordSlice

	mu     sync.Mutex
	part   int          // mu: the one that was read last, 0 for none
	record arrow.Record // mu: of part
}

// recordSlice is some rows of a part.
type recordSlice struct {
	part     int
	from, to int64
}

// NewRecords returns the rows of a result as records of up to most rows. It takes the result over.
func NewRecords(r *Result, most int64) *Records {
	out := &Records{result: r}
	for i, part := range r.index.parts[1:] {
		for from := int64(0); from < int64(part.rows); from += most {
			out.slices = append(out.slices, recordSlice{i + 1, from, min(from+most, int64(part.rows))})
		}
	}
	return out
}

// Records returns how many there are.
func (r *Records) Records() int { return len(r.slices) }

// Record returns the record with a number. The part that it lies in is read once for the records that follow each
// other.
func (r *Records) Record(i int) (arrow.Record, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.slices[i]
	if r.part != s.part {
		record, err := r.result.readRecord(s.part)
		if err != nil {
			return nil, err
		}
		r.part, r.record = s.part, record
	}
	if s.from == 0 && s.to == r.record.NumRows() {
		return r.record, nil
	}
	return r.record.NewSlice(s.from, s.to), nil
}

// Close closes the result. Records that were read stay.
func (r *Records) Close() error { return r.result.Close() }
