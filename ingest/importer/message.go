package importer

import "github.com/apache/arrow/go/v15/arrow"

// batch is what a worker sends to the committer: rows of one or more files, and messages that say, in the order of the
// rows, what becomes of them.
type batch struct {
	rows     arrow.Record // nil: none
	messages []message
	err      error // ends the import
}

// message speaks of the rows of its batch that follow those of the messages before it.
type message interface {
	rowCount() int64
}

// fileEnd: the rows are the last ones of a file, which is complete with them. Most batches have these messages alone,
// one for each file.
type fileEnd struct {
	file file
	rows int64
}

// fileStretch: the rows are of a file of which more follow. file is as if it ended here, so that the committer can
// commit what the file begins with (a checkpoint).
type fileStretch struct {
	file file
	rows int64
}

// rowsAhead: so many rows are of the file of the next fileEnd or fileStretch, which says whether they count: they
// wait for it.
type rowsAhead int64

// rowsVoid: so many rows do not count. Their file turned out to be known to the ledger and was read again.
type rowsVoid int64

func (m fileEnd) rowCount() int64     { return m.rows }
func (m fileStretch) rowCount() int64 { return m.rows }
func (m rowsAhead) rowCount() int64   { return int64(m) }
func (m rowsVoid) rowCount() int64    { return int64(m) }
