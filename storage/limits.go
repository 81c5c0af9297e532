package storage

import (
	"time"

	"github.com/auditlake/auditlake/storage/orc"
)

const (
	// maxSegmentBytes ends a segment: the rows of one commit and day go on in another one. Larger
	// segments would make compaction and expiry coarse, smaller ones cost an open file and a footer each.
	maxSegmentBytes = 256 << 20
	// smallSegmentShare: a segment below this share of the largest one is small: compaction merges it
	// with others of its day.
	smallSegmentShare = 4
	// maxMergeBytes bounds the decoded row groups that the merges of a compaction hold, by an estimate, and
	// those they are done with; each holds two whatever their size.
	maxMergeBytes = 256 << 20
	// decodedPerStored is how much larger rows are in memory than in a segment, on the safe side.
	decodedPerStored = 10
	// defaultHotBytes and defaultHotAge are when pushed events are flushed.
	defaultHotBytes = 32 << 20
	defaultHotAge   = time.Minute
	// flushRetryAge is how long after a flush that failed the next one begins, at most.
	flushRetryAge = 5 * time.Second
	// sortedChunkRows is how many sorted rows are gathered at a time for the encoder; it bounds the
	// second copy of the buffered rows. Whole row groups spare the encoder copies.
	sortedChunkRows = orc.RowGroupRows
	// encodeWorkers is how many days whose rows are complete are encoded at once. Each holds a stripe
	// in memory.
	encodeWorkers = 2
	// maxOpenRuns is how many days are encoded while more of their rows come, on top of that.
	maxOpenRuns = 2
	// maxStripeBytes bounds what one encoder buffers.
	maxStripeBytes = 16 << 20
	// fileBufferBytes gathers the encoder's small writes.
	fileBufferBytes = 256 << 10
	// maxOpenSegments bounds the file handles kept open for reading.
	maxOpenSegments = 64
	// defaultCacheBytes bounds what is kept decoded in a lake of which nobody says how much.
	defaultCacheBytes = 64 << 20
	// maxRepeatWindowRows is about how many rows are compared at once to find repeated events, some 50 bytes each.
	maxRepeatWindowRows = 1 << 20
	// maxBloomProbes is up to how many values a set is asked for in bloom filters; a longer set is
	// hardly ever absent from a row group.
	maxBloomProbes = 64
	// failuresPerTransaction keeps the failures of a commit, written ahead of it, inside what one
	// catalog transaction holds: messages are a few hundred bytes.
	failuresPerTransaction = 1000
	// segmentsPerTransaction is the same for segments removed by expiry, with their entry of the chain.
	segmentsPerTransaction = 2000
	// recordsPerTransaction is the same for records removed with their store.
	recordsPerTransaction = 5000
)

// The columns that storage itself knows.
const (
	timeColumn     = "eventtime"
	jsonColumn     = "eventjson"
	checksumColumn = "eventjsonchecksum"
)
