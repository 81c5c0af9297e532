package exec

import (
	"context"
	"slices"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
)

// partitionPiece has whole partitions, or some rows of one partition.
type partitionPiece struct {
	table *table
	rows  []int32  // of table, in order
	ends  []int32  // of partitions, as indexes of rows
	peers rowOrder // of table: 0 for rows that are equal in the order
	// inOrder: rows lists all rows of table in ascending order.
	inOrder bool
	// release gives back the memory of table; nil: the table belongs to another owner.
	release func()
}

// cutPieces finds the ends of the table's partitions and groups them into pieces.
func (p *partitionedRows) cutPieces(ctx context.Context) {
	numbers, order := batch.Values[int32](p.table.columns[len(p.columns)]), p.order
	ends := make([][]int32, len(order)/batch.PieceRows+1)
	p.runs.gathering.divide(ctx, len(order)).Rows(len(order), func(piece, from, to int) {
		this := numbers[order[from]]
		for i := from + 1; i < to; i++ {
			if next := numbers[order[i]]; next != this {
				ends[piece], this = append(ends[piece], int32(i)), next
			}
		}
		if to == len(order) || numbers[order[to]] != this {
			ends[piece] = append(ends[piece], int32(to))
		}
	})
	p.ends, p.pieces = slices.Concat(ends...), p.pieces[:0]
	begin := int32(0)
	for i, end := range p.ends {
		if int(end-begin) >= p.pieceRows || i+1 == len(p.ends) {
			p.pieces, begin = append(p.pieces, i+1), end
		}
	}
}

// piece returns piece i of the table.
func (p *partitionedRows) piece(i int) *partitionPiece {
	first, last := 0, p.pieces[i]
	if i > 0 {
		first = p.pieces[i-1]
	}
	from, to := p.start(first), p.ends[last-1]
	if rows := p.order[from:to]; areConsecutive(rows) {
		b := part(&batch.Batch{Columns: p.table.vectors()[:len(p.columns)], Len: p.table.rows}, int(rows[0]), int(rows[0])+len(rows))
		t := joinBatches([]*batch.Batch{b})
		if rows[0] != 0 {
			rows = iota32(t.rows)
		}
		return &partitionPiece{table: t, rows: rows, ends: shifted(p.ends[first:last], -from), peers: peerOrder(t, p.orderBy), inOrder: true}
	}
	return &partitionPiece{
		table: &table{columns: p.table.columns[:len(p.columns)], rows: p.table.rows},
		rows:  p.order[from:to], ends: shifted(p.ends[first:last], -from), peers: p.peers,
	}
}

// areConsecutive reports whether each row directly follows the one before it in the table.
func areConsecutive(rows []int32) bool {
	first := rows[0]
	if rows[len(rows)-1]-first != int32(len(rows)-1) {
		return false
	}
	for i, row := range rows {
		if row != first+int32(i) {
			return false
		}
	}
	return true
}

// start returns the index in order where a partition begins.
func (p *partitionedRows) start(partition int) int32 {
	if partition == 0 {
		return 0
	}
	return p.ends[partition-1]
}

func shifted(list []int32, by int32) []int32 {
	out := make([]int32, len(list))
	for i, n := range list {
		out[i] = n + by
	}
	return out
}

// windowPartitions returns the piece's partitions, with their peers if withPeers is set.
func (c *partitionPiece) windowPartitions(withPeers bool) []*function.WindowPartition {
	var peerStart, peerEnd []int32
	if withPeers {
		peerStart, peerEnd = make([]int32, len(c.rows)), make([]int32, len(c.rows))
	}
	made, partitions := make([]function.WindowPartition, len(c.ends)), make([]*function.WindowPartition, len(c.ends))
	start := int32(0)
	for i, end := range c.ends {
		p := &made[i]
		p.Start, p.End = start, end
		if withPeers {
			p.PeerStart, p.PeerEnd = peerStart[start:end:end], peerEnd[start:end:end]
			findPeers(p, func(i, j int32) int { return c.peers(c.rows[i], c.rows[j]) })
		}
		partitions[i], start = p, end
	}
	return partitions
}

// findPeers sets the bounds of each row's peers.
func findPeers(p *function.WindowPartition, order rowOrder) {
	for first := p.Start; first < p.End; {
		end := first + 1
		for end < p.End && order(first, end) == 0 {
			end++
		}
		for row := first; row < end; row++ {
			p.PeerStart[row-p.Start], p.PeerEnd[row-p.Start] = first, end
		}
		first = end
	}
}

// close gives back the memory of the piece's table.
func (c *partitionPiece) close() {
	if c.release != nil {
		c.release()
	}
}

// partitionAt returns partition i of the piece as its own piece. Closing the last partition releases the memory.
func (c *partitionPiece) partitionAt(i int) *partitionPiece {
	from := int32(0)
	if i > 0 {
		from = c.ends[i-1]
	}
	release := func() {}
	if i == len(c.ends)-1 && c.release != nil {
		release = c.release
	}
	return &partitionPiece{release: release, table: c.table, rows: c.rows[from:c.ends[i]], ends: []int32{c.ends[i] - from}, peers: c.peers}
}
