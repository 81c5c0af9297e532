package importer

import (
	"cmp"
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"

	"github.com/auditlake/auditlake/ingest"
	"github.com/auditlake/auditlake/ingest/logfile"
	"github.com/auditlake/auditlake/ingest/record"
	"github.com/auditlake/auditlake/panics"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/schema"
)

// job is a group of adjacent objects. Its batches come in the objects' order.
type job struct {
	objects  []Object
	day      catalog.Day // of delivery
	complete catalog.Day // days before it are complete at its start, except for stragglers
	batches  chan batch
}

// decoder turns the objects of jobs into batches. Each worker has one.
type decoder struct {
	log      *slog.Logger // of panics; nil: none
	source   Source
	ledger   ledger
	rules    rules
	category schema.Category
	limits   logfile.Limits
	reader   *logfile.Reader
	// maxFailedRecords of a file; less than 1: any number
	maxFailedRecords int64
	appender         *record.Appender
	matchers         matchers
	read             *atomic.Int64 // stored bytes

	batchBytes int64
	again      bool             // files with failed records are read again
	besideLogs bool             // there are log files that a trail delivered
	publicKeys []*rsa.PublicKey // that may sign result files; nil: signatures are not checked
	signed     signFiles
	results    resultFiles

	out      chan<- batch
	messages []message
	// taken counts the rows in the appender that messages already cover.
	taken int64
	// held are batches that wait for the ledger's answer about their whole file, which decides whether their rows
	// count. The first of them may begin with messages of earlier files.
	held      []batch
	heldBytes int64
}

// heldBatches is how many batches of a file wait until the whole file can be looked up in the ledger. A larger file
// is read in advance for its hash.
const heldBatches = 4

// decodeJob decodes a job and closes its batches.
func (d *decoder) decodeJob(ctx context.Context, j *job) {
	defer close(j.batches)
	d.out = j.batches
	err := panics.Run(d.log, "reading of an import", func() error {
		for _, o := range j.objects {
			if err := d.decodeObject(ctx, o); err != nil {
				return err
			}
		}
		return d.send(ctx)
	})
	if err == nil {
		return
	}
	// The committer must see the error before the batches end, or it would take the job for a complete one.
	d.appender.Flush()
	d.messages, d.taken, d.held, d.heldBytes = nil, 0, nil, 0
	select {
	case j.batches <- batch{err: err}:
	case <-ctx.Done():
	}
}

// decodeObject decodes one object. A fault of the object itself becomes its result; an error is one of the lake or
// the end of the context.
func (d *decoder) decodeObject(ctx context.Context, o Object) error {
	defer o.fetch.letGo()
	f := &file{FileResult: FileResult{Object: o, Kind: kindFor(d.category, o, d.besideLogs)}}
	if f.Kind == logfile.OtherFile && o.LeftOut == "" && logfile.MayHoldEvents(o.Key) && d.hasEvents(ctx, o) {
		f.Kind = logfile.LogFile
	}
	if f.Kind != logfile.LogFile {
		if failure := d.checkComplete(ctx, o); failure != nil {
			f.fail(failure)
		}
		d.read.Add(o.Bytes)
		return d.endFile(ctx, f)
	}
	k, err := d.lookUp(ctx, f)
	if err != nil {
		return err
	}
	if !f.Unchanged || d.publicKeys != nil { // with keys given, files that were imported before are checked, too
		if failure := d.checkSigned(ctx, f); failure != nil {
			f = &file{FileResult: FileResult{Object: o, Kind: f.Kind}}
			f.fail(failure)
			d.read.Add(o.Bytes)
			return cmp.Or(ctx.Err(), d.endFile(ctx, f))
		}
	}
	if f.Unchanged {
		d.read.Add(o.Bytes)
		return d.endFile(ctx, f)
	}
	for {
		again, err := d.readFile(ctx, f, k)
		if err != nil {
			return err
		}
		if len(again) == 0 {
			return d.endFile(ctx, f)
		}
		d.read.Add(-f.stored)
		k.files = append(k.files, again...)
		f = d.voidRows(f, k)
	}
}

// hasEvents reports whether an object that is named like a table or a note holds events.
func (d *decoder) hasEvents(ctx context.Context, o Object) bool {
	stored, err := d.open(ctx, o)
	if err != nil {
		return false
	}
	defer stored.Close()
	return logfile.HasEvents(contextReader{ctx, stored})
}

// lookUp looks up the object's location in the ledger: is it unchanged, has it grown?
func (d *decoder) lookUp(ctx context.Context, f *file) (known, error) {
	l, err := d.ledger.location(f.Object.Key)
	if err != nil || l == nil {
		return known{}, err
	}
	k, err := d.known(l.ContentSHA256)
	if err != nil || len(k.files) == 0 || k.files[0].ContentSHA256 != l.ContentSHA256 {
		return known{}, err
	}
	last := k.files[0]
	if sameObject(l, f.Object) {
		for i := range last.Admissions {
			if d.again && last.FailedRecords > 0 {
				break
			}
			if covers(&last.Admissions[i], &d.rules.Admission) {
				f.unchanged(last)
				return k, nil
			}
		}
		f.prefixBytes = k.bytes()
		return k, nil
	}
	if d.beginsWith(ctx, f.Object, last) {
		f.prefix, f.prefixBytes = last.ContentSHA256, k.bytes()
		return k, nil
	}
	return known{}, ctx.Err()
}

// known returns what the ledger knows of a content, with the selectors loaded.
func (d *decoder) known(sha string) (known, error) {
	k, err := d.ledger.known(sha)
	for _, f := range k.files {
		err = errors.Join(err, d.matchers.load(f))
	}
	return k, err
}

// beginsWith reports whether an object's content begins with what was imported before.
func (d *decoder) beginsWith(ctx context.Context, o Object, before *catalog.ImportedFile) bool {
	stored, err := d.open(ctx, o)
	if err != nil {
		return false
	}
	defer stored.Close()
	plain, err := logfile.Unpack(stored)
	if err != nil {
		return false
	}
	digest := sha256.New()
	n, _ := io.Copy(digest, io.LimitReader(contextReader{ctx, plain}, before.Bytes))
	return n == before.Bytes && hex.EncodeToString(digest.Sum(nil)) == before.ContentSHA256
}

// digest reads a whole object and returns the SHA-256 of its content.
func (d *decoder) digest(ctx context.Context, o Object) (string, error) {
	stored, err := d.open(ctx, o)
	if err != nil {
		return "", ctx.Err()
	}
	defer stored.Close()
	whole := logfile.NewReader(d.limits)
	whole.Open(contextReader{ctx, stored})
	sha, _ := whole.Digest()
	return sha, ctx.Err()
}

// readFile reads an object into the appender. If the ledger turns out to know its content, unlike k, readFile
// returns that knowledge before it has passed on any row: the object must be read again.
func (d *decoder) readFile(ctx context.Context, f *file, k known) (again []*catalog.ImportedFile, err error) {
	stored, err := d.open(ctx, f.Object)
	if err != nil {
		f.fail(&ingest.Failure{Reason: unreadable(err), Message: err.Error(), Record: ingest.WholeFile})
		return nil, ctx.Err()
	}
	defer stored.Close()
	d.reader.Open(countingReader{contextReader{ctx, stored}, d.read, &f.stored})
	for {
		if d.maxFailedRecords > 0 && f.Failed > d.maxFailedRecords {
			f.fail(&ingest.Failure{Reason: ingest.TooManyFailures, Record: ingest.WholeFile, Message: fmt.Sprintf(
				"more than %d records could not be taken in; the rest of the file was not read", d.maxFailedRecords)})
			break
		}
		raw, err := d.reader.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			f.failWith(err)
			continue
		}
		d.addRecord(f, k, raw)
		if d.appender.Bytes() < d.batchBytes || d.reader.IsAmidValue() {
			continue // the end of a part must also be the end of the file
		}
		if f.parts == 0 && d.heldBytes+d.appender.Bytes() < heldBatches*d.batchBytes {
			d.holdBatch()
			continue
		}
		if f.whole == "" {
			if f.whole, err = d.digest(ctx, f.Object); err != nil {
				return nil, err
			}
			if again, err := d.unknown(f.whole, k); err != nil || len(again) > 0 {
				return again, err
			}
		}
		f.ContentSHA256, f.Bytes = d.reader.DigestSoFar()
		if err := d.sendStretch(ctx, f); err != nil {
			return nil, err
		}
	}
	f.ContentSHA256, f.Bytes = d.reader.Digest()
	if err := ctx.Err(); err != nil || f.Records == 0 || f.parts > 0 {
		return nil, err
	}
	return d.unknown(f.ContentSHA256, k)
}

// unknown returns what the ledger knows of a content, unless k knows it too.
func (d *decoder) unknown(sha string, k known) ([]*catalog.ImportedFile, error) {
	if sha == "" || k.knows(sha) {
		return nil, nil
	}
	more, err := d.known(sha)
	return more.files, err
}

// addRecord adds one record to the appender, or counts why not.
func (d *decoder) addRecord(f *file, k known, raw logfile.Record) {
	f.Records++
	if !d.matchers.selects(d.rules.SelectorsHash, raw.Raw) {
		f.Unselected++
		return
	}
	row, failure := d.appender.Scan(raw.Raw)
	if failure == nil || failure.Reason == ingest.BadEventTime {
		if foreign := d.appender.Foreign(); foreign != nil {
			failure = foreign
		}
	}
	if failure == nil {
		failure = ingest.CheckCategory(d.category, row.Category)
	}
	if failure != nil {
		failure.Record, failure.Offset = raw.Ordinal, raw.Offset
		f.Failed++
		f.list(failure)
		return
	}
	millis := row.EventTimeMillis
	switch {
	case k.has(millis, raw, d.matchers):
		f.Known++
	case !inWindow(&d.rules.Admission, millis):
		f.OutsideWindow++
	case millis > d.rules.latestMillis:
		f.Failed++
		f.Future++
		f.list(&ingest.Failure{Reason: ingest.InFuture, Message: ingest.FutureMessage(millis), Record: raw.Ordinal, Offset: raw.Offset})
	case millis < d.rules.HorizonMillis:
		f.PastRetention++
		if f.PastRetention == 1 || millis < f.OldestPastMillis {
			f.OldestPastMillis = millis
		}
	default:
		d.appender.Append()
		f.Events++
		f.EventBytes += int64(len(raw.Raw))
		f.RepeatedKeys += int64(row.RepeatedKeys)
	}
}

// voidRows voids the rows of f so far, because the file is read again with what the ledger knows of it. It returns
// the new file.
func (d *decoder) voidRows(f *file, k known) *file {
	for _, b := range d.held {
		for i, m := range b.messages {
			if ahead, ok := m.(rowsAhead); ok {
				b.messages[i] = rowsVoid(ahead)
			}
		}
	}
	if rows := d.takeRows(); rows > 0 {
		d.messages = append(d.messages, rowsVoid(rows))
	}
	return &file{FileResult: FileResult{Object: f.Object, Kind: f.Kind, SignCheck: f.SignCheck}, prefix: f.prefix, prefixBytes: k.bytes(), whole: f.whole}
}

// holdBatch closes a batch within a file. It is sent after the file was looked up in the ledger.
func (d *decoder) holdBatch() {
	d.messages = append(d.messages, rowsAhead(d.takeRows()))
	d.heldBytes += d.appender.Bytes()
	d.held = append(d.held, batch{messages: d.messages, rows: d.appender.Flush()})
	d.messages, d.taken = nil, 0
}

// takeRows counts the rows that no message covers yet. The next message does.
func (d *decoder) takeRows() int64 {
	rows := int64(d.appender.Rows()) - d.taken
	d.taken += rows
	return rows
}

// endFile adds the message of a file's end, with the file's failures.
func (d *decoder) endFile(ctx context.Context, f *file) error {
	f.parts++
	d.messages = append(d.messages, fileEnd{file: *f, rows: d.takeRows()})
	f.failures = nil
	if len(d.held) > 0 || d.appender.Bytes() >= d.batchBytes {
		return d.send(ctx)
	}
	return nil
}

// sendStretch sends what was read of a file that has more, with the failures so far.
func (d *decoder) sendStretch(ctx context.Context, f *file) error {
	f.parts++
	d.messages = append(d.messages, fileStretch{file: *f, rows: d.takeRows()})
	f.failures = nil
	return d.send(ctx)
}

// send passes the messages so far to the committer.
func (d *decoder) send(ctx context.Context) error {
	batches := d.held
	if len(d.messages) > 0 {
		b := batch{messages: d.messages}
		if d.appender.Rows() > 0 {
			b.rows = d.appender.Flush()
		}
		batches = append(batches, b)
	}
	d.messages, d.taken, d.held, d.heldBytes = nil, 0, nil, 0
	for _, b := range batches {
		select {
		case d.out <- b:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
