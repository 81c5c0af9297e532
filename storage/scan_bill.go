package storage

import "github.com/auditlake/auditlake/storage/orc"

// ScanStats counts what a scan skipped and read.
type ScanStats struct {
	PartitionsTotal, PartitionsPruned int64 // days
	SegmentsTotal, SegmentsPruned     int64
	RowGroupsTotal, RowGroupsPruned   int64 // of the remaining segments, as far as the scan has come
	BytesScanned                      int64 // the distinct stored bytes needed: blocks, row indexes, bloom filters
	BytesRead                         int64 // physically read from files
	BytesStored                       int64 // of all segments of the store
	EventsScanned                     int64 // rows of the returned row groups, and of segments that Count took
}

// bill records what was read for which row group of a scan. Bytes of a segment count once, however often and in
// whatever order they are read.
type bill struct {
	groupRows []int64 // of the returned row groups, by ordinal
	rows      int64   // their sum
	charges   []charge
	segments  map[int]*orc.Usage // all charges, by segment
	bytes     int64              // distinct, of all segments
	bytesRead int64
}

// charge is what was read in a segment to find and read a row group, or what pushed events cost.
type charge struct {
	ordinal int
	segment int
	usage   *orc.Usage // nil: bytes of pushed events
	bytes   int64
}

// addGroup counts a returned row group.
func (b *bill) addGroup(rows int) {
	b.groupRows = append(b.groupRows, int64(rows))
	b.rows += int64(rows)
}

// addHot charges a row group of pushed events.
func (b *bill) addHot(ordinal int, bytes int64) {
	b.charges = append(b.charges, charge{ordinal: ordinal, bytes: bytes})
	b.bytes += bytes
}

// join adds the charge to that of its segment and returns the added bytes.
func (c *charge) join(segments map[int]*orc.Usage) int64 {
	if c.usage == nil {
		return c.bytes
	}
	return join(segments, c.segment, c.usage)
}

// addUsage takes over usage, which the caller must not use any more.
func (b *bill) addUsage(ordinal, segment int, usage *orc.Usage) {
	b.bytesRead += usage.BytesRead()
	if usage.Bytes() == 0 {
		return
	}
	b.charges = append(b.charges, charge{ordinal: ordinal, segment: segment, usage: usage})
	if b.segments == nil {
		b.segments = map[int]*orc.Usage{}
	}
	b.bytes += join(b.segments, segment, usage)
}

// join adds usage to that of its segment and returns the added bytes.
func join(segments map[int]*orc.Usage, segment int, usage *orc.Usage) int64 {
	total := segments[segment]
	if total == nil {
		total = &orc.Usage{}
		segments[segment] = total
	}
	before := total.Bytes()
	total.Merge(usage)
	return total.Bytes() - before
}

// through returns the bytes and rows of the row groups up to an ordinal.
func (b *bill) through(ordinal int) (bytes, rows int64) {
	segments := map[int]*orc.Usage{}
	for _, c := range b.charges {
		if c.ordinal <= ordinal {
			bytes += c.join(segments)
		}
	}
	for i, n := range b.groupRows {
		if i <= ordinal {
			rows += n
		}
	}
	return bytes, rows
}

// Stats returns what was done so far.
func (sc *Scan) Stats() ScanStats {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	stats := sc.stats
	stats.SegmentsPruned += sc.segmentsBeyond()
	stats.BytesScanned, stats.BytesRead, stats.EventsScanned = sc.bill.bytes, sc.bill.bytesRead, sc.bill.rows+sc.counted
	return stats
}

// StatsThrough returns Stats as if the scan had ended with the row group of this ordinal (-1: before the first). It
// is for a query that stops early while workers had gone ahead. BytesRead still counts all reads.
func (sc *Scan) StatsThrough(ordinal int) ScanStats {
	stats := sc.Stats()
	sc.mu.Lock()
	defer sc.mu.Unlock()
	stats.BytesScanned, stats.EventsScanned = sc.bill.through(ordinal)
	stats.EventsScanned += sc.counted
	return stats
}
