package query

import (
	"fmt"
	"time"

	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/storage/predicate"
)

// timeNote gives the times of a store's first and last event if the statement's time range excludes all its events
// and no event of any store matched. It returns "" otherwise.
func timeNote(root plan.Node, matched int64) string {
	if matched > 0 {
		return ""
	}
	for _, scan := range scansOf(root) {
		first, last, ok := eventTimes(scan)
		if ok && excludesAll(exec.RequestOf(scan).Where, first, last) {
			return fmt.Sprintf("the time range excludes all events of %s, which are of %s to %s", scan.Table.Name, noteTime(first), noteTime(last))
		}
	}
	return ""
}

// eventTimes returns the times of the oldest and the newest event of a scan's store, in milliseconds, if it has
// any.
func eventTimes(scan *plan.Scan) (first, last int64, ok bool) {
	if !scan.Table.Store || len(scan.Table.Times) == 0 {
		return 0, 0, false
	}
	first, last = scan.Table.Times[0].Min, scan.Table.Times[0].Max
	for _, day := range scan.Table.Times {
		first, last = min(first, day.Min), max(last, day.Max)
	}
	return first, last, true
}

// excludesAll reports whether a condition on eventtime excludes every instant in [first, last] but not every
// instant.
func excludesAll(where predicate.Predicate, first, last int64) bool {
	for _, d := range where.Domains {
		if d.Path != "eventtime" || d.MapKey != nil || len(d.Ranges) == 0 {
			continue
		}
		overlaps := false
		for _, r := range d.Ranges {
			overlaps = overlaps || !endsBefore(r, first) && !beginsAfter(r, last)
		}
		if !overlaps {
			return true
		}
	}
	return false
}

func endsBefore(r predicate.Range, at int64) bool {
	high, ok := r.High.(int64)
	return ok && (high < at || high == at && !r.HighIncl)
}

func beginsAfter(r predicate.Range, at int64) bool {
	low, ok := r.Low.(int64)
	return ok && (low > at || low == at && !r.LowIncl)
}

func noteTime(millis int64) string { return time.UnixMilli(millis).UTC().Format("2006-01-02 15:04:05") }
