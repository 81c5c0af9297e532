package eventhistory

import "time"

// window is a part of a lookup's time range, with its two ends; zero: no end.
type window struct{ from, to time.Time }

// widths are how far the windows of a lookup reach, from the newest on. Most pages are full after the first. A lookup
// that finds little has read each day once when it is done.
var widths = []time.Duration{time.Hour, 8 * time.Hour, 3 * 24 * time.Hour, 24 * 24 * time.Hour}

// windows divides the time range of a lookup, the newest window first. Times of events have milliseconds.
func (l *Lookup) windows(now time.Time) (out []window) {
	to := l.To
	if l.After != nil && (to.IsZero() || l.After.Time.Before(to)) {
		to = l.After.Time
	}
	begin := to
	if begin.IsZero() {
		begin = now
	}
	for _, width := range widths {
		begin = begin.Add(-width).Truncate(time.Millisecond)
		if !begin.After(l.From) {
			break
		}
		out = append(out, window{begin, to})
		to = begin.Add(-time.Millisecond)
	}
	return append(out, window{l.From, to})
}
