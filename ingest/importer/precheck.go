package importer

import (
	"context"
	"io"
	"regexp"
	"time"

	"github.com/auditlake/auditlake/ingest/logfile"
	"github.com/auditlake/auditlake/ingest/record"
)

// Precheck tells how many of the first files lie before the store's retention
// begins, judged by the time of delivery in their names or, for a few files
// without one, by their first event.
type Precheck struct {
	Judged, PastRetention int // files
	Oldest                time.Time
	RetentionDaysNeeded   int // would keep the events of these files
}

// MostPast reports whether an import should warn before it reads.
func (p Precheck) MostPast() bool { return 2*p.PastRetention > p.Judged }

const (
	precheckFiles  = 1000
	precheckOpened = 8
)

// deliveryTime finds the time of delivery in the names that trails give, or the
// day in the folders they put files in.
var (
	deliveryTime = regexp.MustCompile(`_CloudTrail_[^/]*?[_-](\d{8}T\d{4})Z?[^/]*$`)
	deliveryDay  = regexp.MustCompile(`/(\d{4}/\d{2}/\d{2})/[^/]*$`)
)

func delivered(key string) (time.Time, bool) {
	if m := deliveryTime.FindStringSubmatch(key); m != nil {
		t, err := time.Parse("20060102T1504", m[1])
		return t, err == nil
	}
	if m := deliveryDay.FindStringSubmatch(key); m != nil {
		t, err := time.Parse("2006/01/02", m[1])
		return t.Add(24*time.Hour - 1), err == nil
	}
	return time.Time{}, false
}

// precheck judges the first log files of the source.
func (r *run) precheck(ctx context.Context) Precheck {
	var p Precheck
	limit := horizon(r.options.Now, r.store)
	listed, opened := 0, 0
	for o, err := range r.source.List(ctx) {
		if err != nil || listed == precheckFiles {
			break
		}
		if category(r.store.Category).kindOf(o) != logfile.LogFile {
			continue
		}
		listed++
		t, ok := delivered(o.Key)
		if !ok && opened < precheckOpened {
			opened++
			t, ok = r.firstEvent(ctx, o)
		}
		if ok {
			p.judge(t, limit)
		}
	}
	if p.PastRetention > 0 {
		// Files hold events of the hours before their delivery.
		p.RetentionDaysNeeded = retentionDays(r.options.Now, p.Oldest.Add(-24*time.Hour))
	}
	return p
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

// firstEvent is the time of the first sound record of a file that no import has
// read so far.
func (r *run) firstEvent(ctx context.Context, o Object) (time.Time, bool) {
	if before, err := r.ledger.location(o.Key); before != nil || err != nil {
		return time.Time{}, false
	}
	stored, err := r.source.Open(ctx, o)
	if err != nil {
		return time.Time{}, false
	}
	defer stored.Close()
	reader := logfile.NewReader(r.options.Limits)
	reader.Open(contextReader{ctx, stored})
	records := record.NewAppender(r.table)
	for {
		raw, err := reader.Next()
		if err == io.EOF {
			return time.Time{}, false
		}
		if err != nil {
			continue
		}
		if row, failure := records.Scan(raw.Raw); failure == nil {
			return time.UnixMilli(row.EventTimeMillis).UTC(), true
		}
	}
}
