package exec

import (
	"context"
	"math"

	"github.com/auditlake/auditlake/engine/batch"
)

// partitionStream cuts ordered rows into pieces of whole partitions.
type partitionStream struct {
	from    rowStream
	columns int // of the rows; the partition id follows
	orderBy []sortKey
	memory  *account

	pending []*batch.Batch // rows that are not returned yet, without the partition id
	rows    int            // of pending
	bytes   int64          // of pending; reserved
	ends    []int32        // of the complete partitions in pending
	last    int32          // partition id of pending's last row
	ended   bool           // from has no more rows
}

// nextPiece returns the next partitions: at least one, and a batch of rows if they fit; nil at the end. If
// mayBeOpen is set, it may return the beginning of a partition that is too large for a piece, with isOpen. Then
// nextOfPartition returns the rest.
func (s *partitionStream) nextPiece(ctx context.Context, mayBeOpen bool) (piece *partitionPiece, isOpen bool, err error) {
	for !s.ended {
		whole := s.wholeRows()
		if whole >= batch.Rows || whole > 0 && s.bytes >= s.maxBytes() {
			break
		}
		if mayBeOpen && whole == 0 && s.bytes > s.maxBytes() {
			piece, err := s.cut(s.rows)
			return piece, true, err
		}
		if err := s.read(ctx); err != nil {
			return nil, false, err
		}
	}
	if s.ended && s.rows > s.wholeRows() {
		s.ends = append(s.ends, int32(s.rows))
	}
	if len(s.ends) == 0 {
		return nil, false, nil
	}
	piece, err = s.cut(s.wholeRows())
	return piece, false, err
}

// wholeRows returns the number of pending rows in complete partitions.
func (s *partitionStream) wholeRows() int {
	if len(s.ends) == 0 {
		return 0
	}
	return int(s.ends[len(s.ends)-1])
}

// maxBytes limits the memory of a piece with several partitions.
func (s *partitionStream) maxBytes() int64 { return s.memory.atMost(math.MaxInt64, 16) }

// read adds the next rows to pending.
func (s *partitionStream) read(ctx context.Context) error {
	b, err := s.from.nextOrdered(ctx)
	if err != nil {
		return err
	}
	if b == nil {
		s.ended = true
		return nil
	}
	return s.addPending(b)
}

// addPending adds rows that carry partition ids to pending.
func (s *partitionStream) addPending(b *batch.Batch) error {
	rows := &batch.Batch{Columns: b.Columns[:s.columns], Len: b.Len}
	bytes := tableBytes(rows)
	if err := s.memory.add(bytes); err != nil {
		return err
	}
	for i, id := range s.numbers(b) {
		if id != s.last && s.rows+i > 0 {
			s.ends = append(s.ends, int32(s.rows+i))
		}
		s.last = id
	}
	s.pending, s.rows, s.bytes = append(s.pending, rows), s.rows+b.Len, s.bytes+bytes
	return nil
}

// numbers returns the partition id of each row of a batch.
func (s *partitionStream) numbers(b *batch.Batch) []int32 {
	return batch.Values[int32](batch.Expand(b.Columns[s.columns], b.Len))
}

// cut takes the first rows of pending: the partitions in ends or, if there are none, the beginning of one.
func (s *partitionStream) cut(rows int) (*partitionPiece, error) {
	var taken []*batch.Batch
	left := s.pending
	for n := rows; n > 0; left = left[1:] {
		if first := left[0]; first.Len > n {
			taken = append(taken, part(first, 0, n))
			left = append([]*batch.Batch{part(first, n, first.Len)}, left[1:]...)
			break
		}
		taken, n = append(taken, left[0]), n-left[0].Len
	}
	bytes, leftBytes := int64(0), int64(0)
	for _, b := range taken {
		bytes += tableBytes(b)
	}
	for _, b := range left {
		leftBytes += tableBytes(b)
	}
	if err := s.memory.add(bytes); err != nil {
		return nil, err
	}
	t := joinBatches(taken)
	ends := s.ends
	if len(ends) == 0 {
		ends = []int32{int32(rows)}
	}
	s.memory.release(s.bytes - leftBytes)
	s.pending, s.rows, s.bytes, s.ends = left, s.rows-rows, leftBytes, nil
	return &partitionPiece{table: t, rows: iota32(rows), ends: ends, peers: peerOrder(t, s.orderBy), inOrder: true,
		release: func() { s.memory.release(bytes) }}, nil
}

// nextOfPartition returns more rows of the open partition, nil at its end.
func (s *partitionStream) nextOfPartition(ctx context.Context) (*batch.Batch, error) {
	if s.ended || s.rows > 0 {
		return nil, nil
	}
	b, err := s.from.nextOrdered(ctx)
	if err != nil {
		return nil, err
	}
	if b == nil {
		s.ended = true
		return nil, nil
	}
	same := 0
	for _, id := range s.numbers(b) {
		if id != s.last {
			break
		}
		same++
	}
	if same < b.Len {
		if err := s.addPending(part(b, same, b.Len)); err != nil {
			return nil, err
		}
	}
	if same == 0 {
		return nil, nil
	}
	return &batch.Batch{Columns: part(b, 0, same).Columns[:s.columns], Len: same}, nil
}
