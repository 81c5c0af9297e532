// Package logfile cuts files of audit events into raw records.
//
// It reads {"Records":[…]} log files, NDJSON, arrays, the output of lookup-events and single records; messages
// that wrap events (EventBridge, CloudWatch Logs, SNS, SQS); and result files of the managed service, whose rows
// are events. A file may be in UTF-8 or UTF-16, packed with gzip, zstd or bzip2, and packed with gzip once more.
//
// Only the outline of a file is checked here, and nothing in it is built. Package record checks that a record is
// valid JSON, so one bad record does not cost the others.
package logfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/auditlake/auditlake/ingest"
)

// Record is one raw record of a file.
type Record struct {
	// Raw is the record's source text, from brace to brace. It is valid until the next call.
	Raw []byte
	// Ordinal is the record's index in the file from 0, counting failed records.
	Ordinal int64
	// Offset is where the record begins in the file's uncompressed bytes, End where it ends.
	Offset, End int64
}

// Reader cuts one file after another into records. Only one goroutine may use it.
type Reader struct {
	// ScanAhead, if set, returns the length of the valid JSON object that text begins with, so the reader need not
	// search for the record's end. It returns 0 if there is no whole object or if it leaves the search to the
	// reader. The reader calls it just before Next returns the record; with nil if Next returns another text.
	ScanAhead func(text []byte) (length int)

	source *source
	limits Limits
	// Of the current file:
	unopened *ingest.Failure // why even its first bytes could not be read
	begun    bool
	done     bool

	window  window
	state   state
	outline outline
	lines   bool   // one value per line: an error costs no more than its line
	long    bool   // the first line is longer than the first window
	first   bool   // no value has ended yet
	stamped bool   // a time stands in front of the JSON of a line
	headed  bool   // text stands in front of the JSON of a line, as syslog writes it
	texts   bool   // the values are texts that hold JSON
	table   *table // of a file of rows; nil: it is not one
	ordinal int64
	text    []byte // of the record unpacked from lookup output or a row
	// Further records of the last returned value; they have its offset.
	waiting       [][]byte
	waitingOffset int64
}

// NewReader returns a reader of files. Open begins a file.
func NewReader(limits Limits) *Reader {
	r := &Reader{source: newSource(limits), limits: limits, done: true}
	r.window = window{source: r.source, digest: sha256.New(), most: limits.RecordBytes}
	return r
}

// Open begins a file, given by its stored bytes, and drops the rest of the previous one. The first call of Next
// reports a file that cannot be read.
func (r *Reader) Open(stored io.Reader) {
	r.unopened = r.source.open(stored)
	r.window.reset()
	r.begun, r.done = false, false
	r.state, r.outline = betweenValues, outline{}
	r.lines, r.long, r.first = false, false, true
	r.stamped, r.headed, r.texts, r.table = false, false, false, nil
	r.ordinal, r.waiting = 0, nil
}

// Next returns the next record. At the end of the file the error is io.EOF. Otherwise it is an *ingest.Failure, of
// one record if its Record says which, else of the rest of the file. After any error the caller may go on to call
// Next; io.EOF comes last.
func (r *Reader) Next() (Record, error) {
	if r.done {
		return Record{}, io.EOF
	}
	if len(r.waiting) > 0 {
		return r.nextWaiting(), nil
	}
	if !r.begun {
		r.begun = true
		if f := r.begin(); f != nil {
			r.done = true
			return Record{}, f
		}
	}
	rec, err := r.step()
	if err != nil && !isOfRecord(err) {
		r.done = true
	}
	return rec, err
}

// isOfRecord reports whether an error costs only one record.
func isOfRecord(err error) bool {
	var f *ingest.Failure
	return errors.As(err, &f) && f.Record != ingest.WholeFile
}

// Digest reads the rest of the file and returns the SHA-256 of its uncompressed bytes, in lower-case hex, and their
// number. For a damaged file they cover the bytes that could be unpacked; if there are none, the hash is "".
func (r *Reader) Digest() (sha string, uncompressedBytes int64) {
	r.done, r.waiting = true, nil
	if r.unopened != nil {
		return "", 0
	}
	r.window.skip()
	return r.sum(), r.source.bytes
}

// DigestSoFar returns the Digest of a file that would end after the last returned record. It must not be called
// while IsAmidValue.
func (r *Reader) DigestSoFar() (sha string, uncompressedBytes int64) {
	r.window.hash(r.window.pos)
	return r.sum(), r.window.offset()
}

func (r *Reader) sum() string { return hex.EncodeToString(r.window.digest.Sum(nil)) }

// begin reads the first bytes and determines the kind of the file.
func (r *Reader) begin() *ingest.Failure {
	if r.unopened != nil {
		return r.unopened
	}
	w := &r.window
	w.open()
	if bytes.HasPrefix(w.buf, []byte(byteOrderMark)) {
		w.pos = len(byteOrderMark)
	}
	c, ok := w.space()
	switch {
	case ok && c == '{':
		r.lines = linesOf(w.ahead())
		r.long = w.end == nil && bytes.IndexByte(w.ahead(), '\n') < 0
		return nil
	case ok && c == '[':
		return nil
	case ok && c == '"' && isText(w.ahead()):
		r.lines = linesOf(w.ahead())
		return nil
	case ok && isStamped(w.ahead()):
		r.lines, r.stamped = true, true
		return nil
	case ok && bytes.HasPrefix(w.ahead(), []byte(writeTestText)):
		w.skip()
		w.pos = len(w.buf)
		return nil // a file without an event
	case ok:
		return r.beginTable()
	case w.end != io.EOF:
		return r.ended()
	}
	return nil // an empty file has no events
}

// byteOrderMark is what some editors put in front of UTF-8.
const byteOrderMark = "\xef\xbb\xbf"

// isText reports whether a file that begins with a quote begins with a text that holds JSON, rather than with a
// column's name.
func isText(start []byte) bool {
	rest := bytes.TrimLeft(start[1:min(len(start), 64)], " ")
	return bytes.HasPrefix(rest, []byte("{")) || bytes.HasPrefix(rest, []byte("["))
}

// neither ends the message about a file in no form that the reader knows.
const neither = ": neither log file, NDJSON, lookup output, message nor result file"

func (r *Reader) notALogFile(why string) *ingest.Failure {
	if !strings.Contains(why, "not supported") { // which says what the file is
		why += neither
	}
	return &ingest.Failure{Reason: ingest.NotALogFile, Message: why, Record: ingest.WholeFile, Offset: r.window.offset()}
}

// ended returns the failure of a file that stops where it must not.
func (r *Reader) ended() *ingest.Failure {
	var f *ingest.Failure
	if errors.As(r.window.end, &f) {
		return f
	}
	return r.fileFailure(ingest.TruncatedJSON, "the file ends in the middle")
}

func (r *Reader) fileFailure(reason ingest.Reason, message string) *ingest.Failure {
	return &ingest.Failure{Reason: reason, Message: message, Record: ingest.WholeFile, Offset: r.window.offset()}
}

// recordFailure returns the failure of the record at an offset. The failure takes an ordinal.
func (r *Reader) recordFailure(reason ingest.Reason, offset int64, message string) *ingest.Failure {
	f := &ingest.Failure{Reason: reason, Message: message, Record: r.ordinal, Offset: offset}
	r.ordinal++
	return f
}

func (r *Reader) tooLarge(offset int64) *ingest.Failure {
	return r.recordFailure(ingest.RecordTooLarge, offset, fmt.Sprintf("the record is larger than %d bytes", r.limits.RecordBytes))
}
