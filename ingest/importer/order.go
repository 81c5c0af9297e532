package importer

import (
	"cmp"
	"math"
	"strings"
	"time"

	"github.com/auditlake/auditlake/storage/catalog"
)

// An import reads files in the order of their delivery, so that the events of a day come together.

// delivery is when a file was delivered, as far as its key shows.
type delivery struct {
	day    catalog.Day // undated: not in the key
	minute int16       // of the day; -1: not in the key
}

const undated = catalog.Day(math.MaxInt32)

// graceMinutes is how long after midnight files with events of the day before are delivered.
const graceMinutes = 60

// complete returns the day before which all days are complete, except for stragglers, when the first file of this
// delivery comes.
func (d delivery) complete() catalog.Day {
	if d.day != undated && d.minute >= 0 && d.minute < graceMinutes {
		return d.day - 1
	}
	return d.day
}

// time returns the instant of delivery, or the last one of its day; ok is false if the key does not show it.
func (d delivery) time() (t time.Time, ok bool) {
	switch {
	case d.day == undated:
		return time.Time{}, false
	case d.minute < 0:
		return time.UnixMilli(d.day.End()).UTC().Add(-1), true
	}
	return time.UnixMilli(d.day.Start()).UTC().Add(time.Duration(d.minute) * time.Minute), true
}

// deliveryOf reads a key: the day of a trail's folder, …/YYYY/MM/DD/name, and the time in a trail's file name,
// …_CloudTrail_region_YYYYMMDDThhmmZ_….
func deliveryOf(key string) delivery {
	slash := strings.LastIndexByte(key, '/')
	d := delivery{day: undated, minute: -1}
	if folder := key[:max(slash, 0)]; len(folder) > len("/2006/01/02") {
		d.day = parseDay("/2006/01/02", folder[len(folder)-len("/2006/01/02"):])
	}
	day, minute := nameTime(key[slash+1:])
	if d.day == undated {
		d.day = day
	}
	if d.day == day {
		d.minute = minute
	}
	return d
}

// nameTime finds the time of delivery in a name.
func nameTime(name string) (catalog.Day, int16) {
	const layout = "20060102T1504"
	at := strings.Index(name, "_CloudTrail")
	if at < 0 {
		return undated, -1
	}
	for i := at + len("_CloudTrail"); i+len(layout) < len(name); i++ {
		text := name[i+1 : i+1+len(layout)]
		if name[i] != '_' && name[i] != '-' || text[8] != 'T' || text[0] < '0' || text[0] > '9' {
			continue
		}
		if t, err := time.Parse(layout, text); err == nil {
			return catalog.DayOf(t.UnixMilli()), int16(t.Hour()*60 + t.Minute())
		}
	}
	return undated, -1
}

func parseDay(layout, text string) catalog.Day {
	t, err := time.Parse(layout, text)
	if err != nil {
		return undated
	}
	return catalog.DayOf(t.UnixMilli())
}

// listed is an object with its position in the order.
type listed struct {
	delivery
	Object
}

// compare orders objects: by day, by time of day, by key. Undated ones come last.
func compare(a, b *listed) int {
	switch {
	case a.day != b.day:
		return cmp.Compare(a.day, b.day)
	case a.minute != b.minute:
		return cmp.Compare(a.minute, b.minute)
	}
	return strings.Compare(a.Key, b.Key)
}
