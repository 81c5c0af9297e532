package importer

import "github.com/apache/arrow/go/v15/arrow"

// batch is what a worker sends to the committer: rows of one or more files, and messages about them in their order.
type batch struct {
	rows     arrow.Record // nil: none
	messages []message
	err      error // ends the import
}

// message is about the rows of its batch that follow those of earlier messages.
type message interface {
	rowCount() int64
}

// fileEnd: the rows are the last ones of a file, which is complete with them. Most batches have only these
// messages, one for each file.
type fileEnd struct {
	file file
	rows int64
}

// fileStretch: the rows are of a file that has more. file is as if it ended here, so that the committer can commit
// its first part (a checkpoint).
type fileStretch struct {
	file file
	rows int64
}

// rowsAhead is a number of rows of the file of the next fileEnd or fileStretch. They wait for that message, which
// decides whether they count.
type rowsAhead int64

// rowsVoid is a number of rows that do not count. Their file turned out to be known to the ledger and was read
// again.
type rowsVoid int64

func (m fileEnd) rowCount() int64     { return m.rows }
func (m fileStretch) rowCount() int64 { return m.rows }
func (m rowsAhead) rowCount() int64   { return int64(m) }
func (m rowsVoid) rowCount() int64    { return int64(m) }
