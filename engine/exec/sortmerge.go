package exec

import (
	"bytes"
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/spill"
)

// runMerger merges sorted runs and holds one record of each in memory. Of equal rows those of earlier runs come
// first.
type runMerger struct {
	keys    []sortKey
	memory  *account
	sources []*mergedRun
	heap    []int32 // sources with rows left; a heap by their next row
	normal  bool    // keys have a normal form; otherwise rows are compared
	// orders compare rows of two sources if keys have no normal form; nil: not made yet.
	orders [][]rowOrder
}

// mergedRun is a run and its current record.
type mergedRun struct {
	reader *spill.Reader
	rows   *batch.Batch
	keys   *rowKeys // keys of rows; nil: keys have no normal form
	next   int      // row
	given  int      // rows before next that were returned
	word   uint64   // the first bytes of the next row's key
}

// mergedRecords is the memory that merging holds per run, in records: the record, its keys, and what is made of it.
const mergedRecords = 4

func newRunMerger(runs []*spill.Run, keys []sortKey, memory *account) (*runMerger, error) {
	m := &runMerger{keys: keys, memory: memory, normal: haveRowKeys(keys), orders: make([][]rowOrder, len(runs))}
	for i, r := range runs {
		reader, err := r.Reader()
		if err != nil {
			m.close()
			return nil, err
		}
		m.sources, m.orders[i] = append(m.sources, &mergedRun{reader: reader}), make([]rowOrder, len(runs))
	}
	for i := range m.sources {
		has, err := m.read(int32(i))
		if err != nil {
			m.close()
			return nil, err
		}
		if has {
			m.heap = append(m.heap, int32(i))
		}
	}
	for at := len(m.heap)/2 - 1; at >= 0; at-- {
		m.sink(at)
	}
	return m, nil
}

// read reads the next record of a run; false: there is none.
func (m *runMerger) read(i int32) (bool, error) {
	s := m.sources[i]
	if s.keys != nil {
		m.memory.release(s.keys.reserved)
	}
	s.rows, s.keys, s.next, s.given = nil, nil, 0, 0
	for j := range m.orders {
		m.orders[i][j], m.orders[j][i] = nil, nil
	}
	b, err := s.reader.Next()
	if b == nil || err != nil {
		return false, err
	}
	s.rows = b
	if !m.normal {
		return true, nil
	}
	if s.keys, err = newRowKeys(b, m.keys, m.memory); err != nil {
		return false, err
	}
	s.setWord()
	return true, nil
}

// setWord sets word for the next row.
func (s *mergedRun) setWord() {
	if s.keys == nil {
		return
	}
	s.word = batch.TextWord(s.keys.key(s.next))
}

// nextOrdered returns rows up to the end of the first record that is used up, nil at the end.
func (m *runMerger) nextOrdered(ctx context.Context) (*batch.Batch, error) {
	if err := ctx.Err(); err != nil || len(m.heap) == 0 {
		return nil, err
	}
	picked := make([]int32, 0, batch.Rows) // the source of each row
	ended := false
	for len(picked) < batch.Rows && !ended {
		first := m.heap[0]
		s := m.sources[first]
		picked = append(picked, first)
		if s.next++; s.next == s.rows.Len {
			ended = true
			continue
		}
		s.setWord()
		m.sink(0)
	}
	out, err := m.gather(picked)
	if err != nil || !ended {
		return out, err
	}
	has, err := m.read(m.heap[0])
	if err != nil {
		return nil, err
	}
	if !has {
		last := len(m.heap) - 1
		m.heap[0] = m.heap[last]
		m.heap = m.heap[:last]
	}
	m.sink(0)
	return out, nil
}

// gather makes a batch of the sources' rows that were passed since the last batch. picked is the source of each
// row.
func (m *runMerger) gather(picked []int32) (*batch.Batch, error) {
	starts := make([]int32, len(m.sources)) // where a source's rows begin in parts
	var parts []*batch.Batch
	rows, held := int32(0), int64(0)
	for i, s := range m.sources {
		if s.rows == nil || s.next == s.given {
			continue
		}
		starts[i] = rows
		b := part(s.rows, s.given, s.next)
		s.given = s.next
		rows += int32(b.Len)
		held += tableBytes(b)
		parts = append(parts, b)
	}
	done, err := m.memory.during(2 * held)
	if err != nil {
		return nil, err
	}
	defer done()
	if len(parts) == 1 {
		return &batch.Batch{Columns: parts[0].Columns, Len: int(rows)}, nil
	}
	idx := make([]int32, len(picked))
	for row, i := range picked {
		idx[row] = starts[i]
		starts[i]++
	}
	return joinBatches(parts).take(idx), nil
}

// sink moves the source at a place of the heap down to where its next row belongs.
func (m *runMerger) sink(at int) {
	for {
		child := 2*at + 1
		if child >= len(m.heap) {
			return
		}
		if right := child + 1; right < len(m.heap) && m.isBefore(m.heap[right], m.heap[child]) {
			child = right
		}
		if !m.isBefore(m.heap[child], m.heap[at]) {
			return
		}
		m.heap[at], m.heap[child] = m.heap[child], m.heap[at]
		at = child
	}
}

// isBefore reports whether the next row of source i comes before that of source j.
func (m *runMerger) isBefore(i, j int32) bool {
	a, b := m.sources[i], m.sources[j]
	if a.word != b.word {
		return a.word < b.word
	}
	c := 0
	if a.keys != nil {
		c = bytes.Compare(a.keys.key(a.next), b.keys.key(b.next))
	} else {
		c = m.order(i, j)(int32(a.next), int32(b.next))
	}
	return c < 0 || c == 0 && i < j
}

// order returns the comparison of rows of two sources.
func (m *runMerger) order(i, j int32) rowOrder {
	if m.orders[i][j] == nil {
		m.orders[i][j] = orderBetween(m.keyColumns(i), m.keyColumns(j), m.keys)
	}
	return m.orders[i][j]
}

func (m *runMerger) keyColumns(i int32) []arrow.Array {
	out := make([]arrow.Array, len(m.keys))
	for k, key := range m.keys {
		out[k] = batch.Expand(m.sources[i].rows.Columns[key.position], m.sources[i].rows.Len)
	}
	return out
}

// close closes the readers. It may be called again.
func (m *runMerger) close() {
	for _, s := range m.sources {
		s.reader.Close()
		if s.keys != nil {
			m.memory.release(s.keys.reserved)
			s.keys = nil
		}
	}
	m.heap = nil
}
