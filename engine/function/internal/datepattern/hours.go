package datepattern

import (
	"time"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/planner/types"
)

// HourTexts writes local times by one pattern, of which many are of one hour: it keeps that hour's text and puts minutes and seconds
// in. It is for one goroutine.
type HourTexts struct {
	write  func(out []byte, t time.Time, gaps *gaps) ([]byte, error)
	begins int64 // the hour whose text follows, in seconds since 1970
	text   []byte
	gaps   gaps // of text
}

// gaps are the places of what changes within an hour, two digits each.
type gaps struct {
	minutes, seconds []int
	others           bool // something else changes, too
}

const secondsPerHour = 3600

// MySQLHours writes times by a MySQL pattern.
func MySQLHours(pattern string) *HourTexts {
	return &HourTexts{write: func(out []byte, t time.Time, gaps *gaps) ([]byte, error) { return appendMySQL(out, t, pattern, gaps) }}
}

// JodaHours writes times by a Joda pattern without zones.
func JodaHours(items []Item) *HourTexts {
	return &HourTexts{write: func(out []byte, t time.Time, gaps *gaps) ([]byte, error) {
		return appendJoda(out, items, t, arrowtype.UTC, 0, gaps), nil
	}}
}

// Append appends the text of a time, in milliseconds since 1970.
func (h *HourTexts) Append(out []byte, millis int64) ([]byte, error) {
	if h.gaps.others {
		return h.write(out, time.UnixMilli(millis).UTC(), nil)
	}
	seconds := types.FloorDiv(millis, 1000)
	if h.text == nil || uint64(seconds-h.begins) >= secondsPerHour {
		h.begins, h.gaps = types.FloorDiv(seconds, secondsPerHour)*secondsPerHour, gaps{h.gaps.minutes[:0], h.gaps.seconds[:0], false}
		text, err := h.write(h.text[:0], time.Unix(h.begins, 0).UTC(), &h.gaps)
		if err != nil || h.gaps.others {
			return h.write(out, time.UnixMilli(millis).UTC(), nil)
		}
		h.text = text
	}
	begin := len(out)
	out = append(out, h.text...)
	in := int(seconds - h.begins)
	for _, at := range h.gaps.minutes {
		putTwoDigits(out[begin+at:], in/60)
	}
	for _, at := range h.gaps.seconds {
		putTwoDigits(out[begin+at:], in%60)
	}
	return out, nil
}

func putTwoDigits(to []byte, n int) { to[0], to[1] = byte('0'+n/10), byte('0'+n%10) }

// noteMySQL notes the field that ends a text.
func (g *gaps) noteMySQL(end int, letter byte) {
	switch letter {
	case 'i':
		g.minutes = append(g.minutes, end-len("04"))
	case 'S', 's':
		g.seconds = append(g.seconds, end-len("05"))
	case 'T':
		g.minutes, g.seconds = append(g.minutes, end-len("04:05")), append(g.seconds, end-len("05"))
	case 'r':
		g.minutes, g.seconds = append(g.minutes, end-len("04:05 PM")), append(g.seconds, end-len("05 PM"))
	case 'f':
		g.others = true
	}
}

// noteJoda notes the field that ends a text. A single letter stands for one digit or two.
func (g *gaps) noteJoda(end int, item Item) {
	switch {
	case item.Letter == 'S', item.Count == 1 && (item.Letter == 'm' || item.Letter == 's'):
		g.others = true
	case item.Letter == 'm':
		g.minutes = append(g.minutes, end-len("04"))
	case item.Letter == 's':
		g.seconds = append(g.seconds, end-len("05"))
	}
}
