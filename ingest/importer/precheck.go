package importer

import (
	"context"
	"regexp"
	"time"

	"github.com/auditlake/auditlake/ingest/logfile"
)

// Precheck tells from names alone how many of the first files were delivered
// before the store's retention begins.
type Precheck struct {
	Dated, PastRetention int // files whose name has a date; those past retention
	Oldest               time.Time
	RetentionDaysNeeded  int // would keep the events of these files
}

// MostPast reports whether an import should warn before it reads.
func (p Precheck) MostPast() bool { return 2*p.PastRetention > p.Dated }

const precheckFiles = 1000

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

func precheck(ctx context.Context, source Source, now, horizon time.Time) Precheck {
	var p Precheck
	listed := 0
	for o, err := range source.List(ctx) {
		if err != nil || listed == precheckFiles {
			break
		}
		if logfile.KindOf(o.Key) != logfile.LogFile {
			continue
		}
		listed++
		t, ok := delivered(o.Key)
		if !ok {
			continue
		}
		p.Dated++
		if !t.Before(horizon) {
			continue
		}
		p.PastRetention++
		if p.Oldest.IsZero() || t.Before(p.Oldest) {
			p.Oldest = t
		}
	}
	if p.PastRetention > 0 {
		// Files hold events of the hours before their delivery.
		p.RetentionDaysNeeded = retentionDays(now, p.Oldest.Add(-24*time.Hour))
	}
	return p
}
