package storage

import (
	"time"

	"github.com/auditlake/auditlake/storage/orc"
)

const (
	// maxSegmentBytes ends a segment: further rows of a commit and day go into another one. Larger segments would
	// make compaction and expiry coarse, smaller ones cost an open file and a footer each.
	maxSegmentBytes = 256 << 20
	// smallSegmentShare: a segment below 1/smallSegmentShare of the largest one is small: compaction merges it with
	// others of its day.
	smallSegmentShare = 4
	// maxMergeBytes limits, by an estimate, the decoded row groups that the merges of a compaction hold, including
	// finished ones; each merge holds two whatever their size.
	maxMergeBytes = 256 << 20
	// decodedPerStored is how much larger rows are in memory than in a segment, a safe upper estimate.
	decodedPerStored = 10
	// defaultHotBytes and defaultHotAge are the size and age at which pushed events are flushed.
	defaultHotBytes = 32 << 20
	defaultHotAge   = time.Minute
	// flushRetryAge is the longest time from a failed flush to the next one.
	flushRetryAge = 5 * time.Second
	// sortedChunkRows is how many sorted rows are gathered at a time for the encoder; it limits the second copy of
	// the buffered rows. With whole row groups the encoder makes no copies.
	sortedChunkRows = orc.RowGroupRows
	// encodeWorkers is how many days whose rows are complete are encoded in parallel. Each holds a stripe in
	// memory.
	encodeWorkers = 2
	// maxOpenRuns is how many days are encoded, in addition, while more of their rows come.
	maxOpenRuns = 2
	// maxStripeBytes limits what one encoder buffers.
	maxStripeBytes = 16 << 20
	// fileBufferBytes is the buffer for the encoder's small writes.
	fileBufferBytes = 256 << 10
	// maxOpenSegments limits the file handles kept open for reading.
	maxOpenSegments = 64
	// defaultCacheBytes is the default limit of the cache of decoded segments.
	defaultCacheBytes = 64 << 20
	// maxRepeatWindowRows is about how many rows are compared at once to find repeated events, some 50 bytes each.
	maxRepeatWindowRows = 1 << 20
	// maxBloomProbes is the largest set of values that is looked up in bloom filters; a longer set is hardly ever
	// absent from a row group.
	maxBloomProbes = 64
	// failuresPerTransaction keeps the failures of a commit, written ahead of it, within one catalog transaction:
	// messages are a few hundred bytes.
	failuresPerTransaction = 1000
	// segmentsPerTransaction does the same for segments removed by expiry, with their chain entry.
	segmentsPerTransaction = 2000
	// recordsPerTransaction does the same for records removed with their store.
	recordsPerTransaction = 5000
)

// The columns that storage itself knows.
const (
	timeColumn     = "eventtime"
	jsonColumn     = "eventjson"
	checksumColumn = "eventjsonchecksum"
)
