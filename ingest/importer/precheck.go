package importer

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/auditlake/auditlake/ingest/logfile"
	"github.com/auditlake/auditlake/ingest/record"
	"github.com/auditlake/auditlake/storage/schema"
)

// Precheck counts the files that lie before the store's retention. The time of delivery in their keys decides or,
// for a few files without one, their first event.
type Precheck struct {
	Judged, PastRetention int // files
	Oldest                time.Time
	RetentionDaysNeeded   int // would keep the events of these files
}

// MostPast reports whether an import should warn before it reads.
func (p Precheck) MostPast() bool { return 2*p.PastRetention > p.Judged }

const (
	// precheckOpened is how many files are opened for their first event.
	precheckOpened = 8
	// precheckRecords is how many records of each of these files are read for it. A file without any event may have
	// hundreds of millions of records; the import itself gives such a file up.
	precheckRecords = 1000
)

// list collects the objects of the source, and judges its log files.
func (r *run) list(ctx context.Context) (*listing, Precheck, error) {
	l := &listing{maxBytes: r.options.listBytes}
	var p Precheck
	limit := r.store.Horizon(r.options.Now)
	opened := 0
	for o, err := range r.source.List(ctx) {
		if err == nil {
			err = l.add(o)
		}
		if err != nil {
			l.close()
			return nil, p, fmt.Errorf("list files: %w", err)
		}
		r.reportListing(l)
		r.besideLogs = r.besideLogs || logfile.OfTrail(o.Key)
		r.results.add(o.Key)
		if kindFor(schema.Category(r.store.Category), o, true) != logfile.LogFile {
			continue
		}
		r.prefixes.addFile(o.Key)
		t, ok := deliveryOf(o.Key).time()
		if !ok && opened < precheckOpened {
			opened++
			var err error
			if t, ok, err = r.firstEvent(ctx, o); err != nil {
				opened = precheckOpened // an unreadable object is waited for only once
			}
		}
		if ok {
			p.judge(t, limit)
		}
	}
	if p.PastRetention > 0 {
		// Files hold events of the hours before their delivery.
		p.RetentionDaysNeeded = retentionDays(r.options.Now, p.Oldest.Add(-24*time.Hour))
	}
	return l, p, nil
}

// reportListing reports the progress of the listing from time to time.
func (r *run) reportListing(l *listing) {
	if r.options.Progress == nil || time.Since(r.listReported) < reportInterval {
		return
	}
	r.listReported = time.Now()
	r.options.Progress(Progress{FilesTotal: l.files, BytesTotal: l.bytes})
}
func (p *Precheck) judge(t, limit time.Time) {
	p.Judged++
	if !t.Before(limit) {
		return
	}
	p.PastRetention++
	if p.Oldest.IsZero() || t.Before(p.Oldest) {
		p.Oldest = t
	}
}

// firstEvent returns the time of the first valid record among precheckRecords of a file that no import has read
// yet.
func (r *run) firstEvent(ctx context.Context, o Object) (t time.Time, ok bool, err error) {
	if before, err := r.ledger.location(o.Key); before != nil || err != nil {
		return time.Time{}, false, nil
	}
	stored, err := r.source.Open(ctx, o)
	if err != nil {
		return time.Time{}, false, err
	}
	defer stored.Close()
	reader := logfile.NewReader(r.options.Limits)
	reader.Open(contextReader{ctx, stored})
	records := record.NewAppender(r.table)
	for range precheckRecords {
		raw, err := reader.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			continue
		}
		if row, failure := records.Scan(raw.Raw); failure == nil {
			return time.UnixMilli(row.EventTimeMillis).UTC(), true, nil
		}
	}
	return time.Time{}, false, nil
}
