package exec

import (
	"sync"
	"time"

	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/engine/spill"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/storage"
)

// Stats collects what the operators of one statement did. It may be read while the statement runs.
type Stats struct {
	mu     sync.Mutex // guards nodes and their fields
	nodes  map[plan.Node]*NodeStats
	scans  []*ScanNode
	timing bool
	// spillers are the operators' spillers, by node.
	spillers map[plan.Node][]*spill.Spiller
}

// NodeStats is what one operator did.
type NodeStats struct {
	Rows int64
	// Time is the time of the operator, including its inputs.
	Time time.Duration
	// CPU is the processor time of the operator alone, including its workers; 0 if the system does not measure it.
	CPU time.Duration
	// PeakMemoryBytes is the most that its accounts held at once, without temporary memory of expressions.
	PeakMemoryBytes int64
	// SpilledBytes is what the operator wrote to disk.
	SpilledBytes int64

	peak *memory.Peak // peak of its accounts
}

// ScanNode is what one scan did.
type ScanNode struct {
	Node    *plan.Scan
	stats   *Stats
	rows    TableScan
	ordinal int // of the last consumed row group, -1 for none
	ended   bool
	matched int64 // rows that passed the filter
	runtime []string
}

// done returns what the row groups consumed so far have cost.
func (n *ScanNode) done() storage.ScanStats {
	if n.ended {
		return n.rows.Stats()
	}
	return n.rows.StatsThrough(n.ordinal)
}

// NewStats returns an empty collection. timing measures every operator, for EXPLAIN ANALYZE, and not only scans.
func NewStats(timing bool) *Stats {
	return &Stats{nodes: map[plan.Node]*NodeStats{}, spillers: map[plan.Node][]*spill.Spiller{}, timing: timing}
}

// Node returns what a node's operator did, false if it was not measured.
func (s *Stats) Node(n plan.Node) (NodeStats, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats, ok := s.nodes[n]
	if !ok {
		return NodeStats{}, false
	}
	done := NodeStats{Rows: stats.Rows, Time: stats.Time, CPU: stats.CPU, PeakMemoryBytes: stats.peak.Bytes()}
	for _, spiller := range s.spillers[n] {
		done.SpilledBytes += spiller.SpilledBytes()
	}
	return done, true
}

// Scan returns what the scan of a node did, false if there is none.
func (s *Stats) Scan(n *plan.Scan) (storage.ScanStats, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, scan := range s.scans {
		if scan.Node == n {
			return scan.done(), true
		}
	}
	return storage.ScanStats{}, false
}

// Total adds up what all scans did. The stored bytes of a table that several scans read count once.
func (s *Stats) Total() storage.ScanStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	var t storage.ScanStats
	stored := map[string]bool{} // tables whose stored bytes are counted
	for _, scan := range s.scans {
		d := scan.done()
		if name := scan.Node.Table.Name; !stored[name] {
			stored[name] = true
			t.BytesStored += d.BytesStored
		}
		t.PartitionsTotal += d.PartitionsTotal
		t.PartitionsPruned += d.PartitionsPruned
		t.SegmentsTotal += d.SegmentsTotal
		t.SegmentsPruned += d.SegmentsPruned
		t.RowGroupsTotal += d.RowGroupsTotal
		t.RowGroupsPruned += d.RowGroupsPruned
		t.BytesScanned += d.BytesScanned
		t.BytesRead += d.BytesRead
		t.EventsScanned += d.EventsScanned
	}
	return t
}

// Matched returns how many events passed the scans' filters.
func (s *Stats) Matched() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows := int64(0)
	for _, scan := range s.scans {
		if scan.Node.Table.Store { // rows of other tables are no events
			rows += scan.matched
		}
	}
	return rows
}

// readBytes returns what all scans have read, including row groups that are not consumed yet.
func (s *Stats) readBytes() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	bytes := int64(0)
	for _, scan := range s.scans {
		bytes += scan.rows.Stats().BytesScanned
	}
	return bytes
}

func (s *Stats) newScan(n *plan.Scan, rows TableScan) *ScanNode {
	s.mu.Lock()
	defer s.mu.Unlock()
	scan := &ScanNode{Node: n, stats: s, rows: rows, ordinal: -1}
	s.scans = append(s.scans, scan)
	return scan
}

// narrowed records that the scan now reads rows, because of the runtime filters that texts describe.
func (n *ScanNode) narrowed(rows TableScan, texts []string) {
	n.stats.mu.Lock()
	n.rows, n.runtime = rows, texts
	n.stats.mu.Unlock()
}

// RuntimeFilters describes the runtime filters of a scan.
func (s *Stats) RuntimeFilters(n *plan.Scan) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, scan := range s.scans {
		if scan.Node == n {
			return scan.runtime
		}
	}
	return nil
}

// consumed records that the rows of a row group were consumed.
func (n *ScanNode) consumed(ordinal, matched int) {
	n.stats.mu.Lock()
	n.ordinal = ordinal
	n.matched += int64(matched)
	n.stats.mu.Unlock()
}

// counted records rows that match and were not read.
func (n *ScanNode) counted(rows int64) {
	n.stats.mu.Lock()
	n.matched += rows
	n.stats.mu.Unlock()
}

// end records that the scan ended.
func (n *ScanNode) end() {
	n.stats.mu.Lock()
	n.ended = true
	n.stats.mu.Unlock()
}

// spills records that the operator of a node spills with spiller; nil: it does not.
func (s *Stats) spills(n plan.Node, spiller *spill.Spiller) {
	if spiller == nil || !s.timing {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spillers[n] = append(s.spillers[n], spiller)
}

// measured wraps an operator so that it is measured, if timing is on.
func (s *Stats) measured(n plan.Node, o Operator) Operator {
	if !s.timing {
		return o
	}
	return &meter{Operator: o, all: s, stats: s.nodeStats(n)}
}

// memoryOf returns the pool for the accounts of a node's operators.
func (s *Stats) memoryOf(n plan.Node, pool MemoryPool) MemoryPool {
	if !s.timing || n == nil {
		return pool
	}
	return nodePool{pool, s.nodeStats(n).peak}
}

// nodeStats returns a node's statistics. Its operators may be built several times, as in the step of a recursion.
func (s *Stats) nodeStats(n plan.Node) *NodeStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.nodes[n] == nil {
		s.nodes[n] = &NodeStats{peak: &memory.Peak{}}
	}
	return s.nodes[n]
}
