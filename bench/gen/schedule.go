package gen

import "time"

// deliveryInterval is the time the events of one file usually span.
const deliveryInterval = 5 * time.Minute

// schedule spreads the events over the span: few at night and on weekends.
type schedule struct {
	start, end time.Time
	events     int64
	hours      weights
}

func newSchedule(o Options) schedule {
	s := schedule{start: o.End.AddDate(0, 0, -o.Days), end: o.End, events: o.Events}
	s.hours = newWeights(o.Days*24, func(i int) int {
		at := s.start.Add(time.Duration(i) * time.Hour)
		weight := 4
		if h := at.Hour(); h >= 7 && h < 19 {
			weight = 10
		}
		if d := at.Weekday(); d == time.Saturday || d == time.Sunday {
			weight /= 2
		}
		return weight
	})
	return s
}

// at is the instant of the k-th event, on average.
func (s schedule) at(k int64) time.Time {
	const steps = 1000
	x := int64(s.hours.total()) * steps * k / s.events
	h := min(s.hours.at(int(x/steps)), len(s.hours.sums)-1)
	before := int64(0)
	if h > 0 {
		before = int64(s.hours.sums[h-1]) * steps
	}
	share := int64(s.hours.sums[h])*steps - before
	millis := (x - before) * time.Hour.Milliseconds() / share
	return s.start.Add(time.Duration(h)*time.Hour + time.Duration(millis)*time.Millisecond)
}

// window is the time in which a file of n events from the k-th on is filled.
// Files overlap when they are sparse, since accounts are active side by side; a
// file never reaches into the next day.
func (s schedule) window(k, n int64) (start, end time.Time) {
	start = s.at(k).Truncate(deliveryInterval)
	end = start.Add(max(deliveryInterval, 4*s.at(k+n).Sub(start)))
	midnight := start.Truncate(24 * time.Hour).Add(24 * time.Hour)
	for _, limit := range []time.Time{midnight, s.end} {
		if end.After(limit) {
			end = limit
		}
	}
	return start, end
}
