// Package logfile cuts files of audit events into raw records, without building
// anything of what is in them: {"Records":[…]} log files, NDJSON, arrays, the output of
// lookup-events, or a single record; messages that events travel in (of EventBridge,
// CloudWatch Logs, SNS and SQS); and result files of the managed service, whose rows
// are events. Each as it is or packed with gzip, zstd or bzip2, and then with gzip again, in UTF-8 or UTF-16.
//
// Only the outline of a file is checked here. Whether a record is valid JSON is
// for package record to say, so that one bad record does not cost the others.
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
	// Ordinal counts the file's records from 0, failed ones included.
	Ordinal int64
	// Offset is where the record begins in the file's uncompressed bytes, End where it has ended.
	Offset, End int64
}

// Reader cuts one file after another into records. It is used by one goroutine.
type Reader struct {
	// ScanAhead, if it is set, spares the reader looking for the ends of records:
	// it tells the length of the valid JSON object that text begins with, 0 if
	// there is no whole one or it is left to the reader. It is called just before
	// Next gives a record; with nil if that is not what it found.
	ScanAhead func(text []byte) (length int)

	source *source
	limits Limits
	// Of the current file:
	unopened *ingest.Failure // why not even its first bytes could be had
	begun    bool
	done     bool

	window  window
	state   state
	outline outline
	lines   bool   // one value a line: an error costs no more than its line
	long    bool   // the first line is longer than the first window
	first   bool   // no value has ended yet
	stamped bool   // in front of the JSON of a line stands a time
	headed  bool   // in front of the JSON of a line stands some text, as syslog writes it
	texts   bool   // the values are texts that hold JSON
	table   *table // of a file of rows; nil: it is none
	ordinal int64
	text    []byte // of the record unpacked from lookup output or a row
	// Of the value given last there are further records, which have its offset.
	waiting       [][]byte
	waitingOffset int64
}

// NewReader makes a reader of files; Open begins one.
func NewReader(limits Limits) *Reader {
	r := &Reader{source: newSource(limits), limits: limits, done: true}
	r.window = window{source: r.source, digest: sha256.New(), most: limits.RecordBytes}
	return r
}

// Open begins a file, given by its stored bytes; what was left of the one before
// is forgotten. A file that cannot be read shows at the first call of Next.
func (r *Reader) Open(stored io.Reader) {
	r.unopened = r.source.open(stored)
	r.window.reset()
	r.begun, r.done = false, false
	r.state, r.outline = betweenValues, outline{}
	r.lines, r.long, r.first = false, false, true
	r.stamped, r.headed, r.texts, r.table = false, false, false, nil
	r.ordinal, r.waiting = 0, nil
}

// Next gives the next record. An error is io.EOF at the end of the file, or an
// *ingest.Failure: of one record, when its Record says which, or of the rest of
// the file. After either, Next goes on, to io.EOF in the end.
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

// isOfRecord reports whether an error costs no more than one record.
func isOfRecord(err error) bool {
	var f *ingest.Failure
	return errors.As(err, &f) && f.Record != ingest.WholeFile
}

// Digest reads what is left of the file and tells the SHA-256 of its
// uncompressed bytes, in lower-case hex, and their number. For a damaged file
// that is as far as it could be unpacked; of one without any, the hash is empty.
func (r *Reader) Digest() (sha string, uncompressedBytes int64) {
	r.done, r.waiting = true, nil
	if r.unopened != nil {
		return "", 0
	}
	r.window.skip()
	return r.sum(), r.source.bytes
}

// DigestSoFar is the Digest of a file that would end where the record given last does, which must
// not be IsAmidValue.
func (r *Reader) DigestSoFar() (sha string, uncompressedBytes int64) {
	r.window.hash(r.window.pos)
	return r.sum(), r.window.offset()
}

func (r *Reader) sum() string { return hex.EncodeToString(r.window.digest.Sum(nil)) }

// begin reads the first bytes and tells what kind of file it is.
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
	return nil // a file without anything has no events
}

// byteOrderMark is what some editors put in front of UTF-8.
const byteOrderMark = "\xef\xbb\xbf"

// isText reports whether a file that begins with a quote begins with a text that holds JSON, and not with the name of
// a column.
func isText(start []byte) bool {
	rest := bytes.TrimLeft(start[1:min(len(start), 64)], " ")
	return bytes.HasPrefix(rest, []byte("{")) || bytes.HasPrefix(rest, []byte("["))
}

// neither ends the message of a file that is not what the reader knows.
const neither = ": neither log file, NDJSON, lookup output, message nor result file"

func (r *Reader) notALogFile(why string) *ingest.Failure {
	if !strings.Contains(why, "not supported") { // which says what the file is
		why += neither
	}
	return &ingest.Failure{Reason: ingest.NotALogFile, Message: why, Record: ingest.WholeFile, Offset: r.window.offset()}
}

// ended is the failure of a file that stops where it must not.
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

// recordFailure is the failure of the record that begins at an offset; it takes an ordinal.
func (r *Reader) recordFailure(reason ingest.Reason, offset int64, message string) *ingest.Failure {
	f := &ingest.Failure{Reason: reason, Message: message, Record: r.ordinal, Offset: offset}
	r.ordinal++
	return f
}

func (r *Reader) tooLarge(offset int64) *ingest.Failure {
	return r.recordFailure(ingest.RecordTooLarge, offset, fmt.Sprintf("the record is larger than %d bytes", r.limits.RecordBytes))
}
