package arrowtype

import (
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"
	_ "time/tzdata" // zones are part of the answers, so they come with the program

	"github.com/auditlake/auditlake/planner/types"
)

// MaxOffsetMinutes is the widest offset a zone like +14:00 may have.
const MaxOffsetMinutes = 14 * 60

// Zone is a time zone as arrays hold it: UTC is 0, the offset of m minutes is
// offsetBase + m, and region names have process-wide codes from firstRegion on.
// Codes of regions differ from process to process: they must not be stored.
type Zone = int32

const (
	// UTC is the code of UTC.
	UTC         Zone = 0
	offsetBase  Zone = 1000
	firstRegion Zone = 2000
)

// UnknownZoneError says that a text names no time zone.
type UnknownZoneError struct{ Name string }

func (e *UnknownZoneError) Error() string {
	return fmt.Sprintf("'%s' is not a valid time zone", e.Name)
}

// region is a named zone; the table only grows.
type region struct {
	name     string
	location *time.Location
}

var (
	regionsMu sync.Mutex               // guards additions
	regions   atomic.Pointer[[]region] // by code - firstRegion
	byName    sync.Map                 // name → Zone
	offsets   [2*MaxOffsetMinutes + 1]atomic.Pointer[time.Location]
)

// OffsetZone returns the zone with a fixed offset; 0 minutes is +00:00, shown
// as such only in times, while timestamps show UTC.
func OffsetZone(minutes int) (Zone, error) {
	if minutes < -MaxOffsetMinutes || minutes > MaxOffsetMinutes {
		return 0, fmt.Errorf("offset of %d minutes is beyond 14:00", minutes)
	}
	if minutes == 0 {
		return UTC, nil
	}
	return offsetBase + Zone(minutes), nil
}

// ParseZone returns the code of a zone that types.LoadZone knows.
func ParseZone(name string) (Zone, error) {
	if code, ok := byName.Load(name); ok {
		return code.(Zone), nil
	}
	location, shown, err := types.LoadZone(name)
	if err != nil {
		return 0, &UnknownZoneError{Name: name}
	}
	code := UTC
	switch shown[0] {
	case '+', '-':
		_, offset := time.Unix(0, 0).In(location).Zone()
		if code, err = OffsetZone(offset / 60); err != nil {
			return 0, err
		}
	default:
		if location != time.UTC {
			return addRegion(shown, location), nil
		}
	}
	byName.Store(name, code)
	return code, nil
}

func addRegion(name string, location *time.Location) Zone {
	regionsMu.Lock()
	defer regionsMu.Unlock()
	if code, ok := byName.Load(name); ok {
		return code.(Zone)
	}
	var table []region
	if old := regions.Load(); old != nil {
		table = *old
	}
	table = append(table[:len(table):len(table)], region{name, location})
	regions.Store(&table)
	code := firstRegion + Zone(len(table)-1)
	byName.Store(name, code)
	return code
}

// ZoneName returns a zone's name as a timestamp shows it.
func ZoneName(z Zone) string {
	switch {
	case z == UTC:
		return "UTC"
	case z < firstRegion:
		return OffsetText(int64(z-offsetBase), ":")
	}
	return (*regions.Load())[z-firstRegion].name
}

// OffsetText is an offset as +05:30, or with another separator.
func OffsetText(minutes int64, separator string) string {
	sign := '+'
	if minutes < 0 {
		sign, minutes = '-', -minutes
	}
	return fmt.Sprintf("%c%02d%s%02d", sign, minutes/60, separator, minutes%60)
}

// ZoneAbbreviation is a zone's short name at an instant: EST, UTC or, where the zone has none, GMT-03:00.
func ZoneAbbreviation(unixSeconds int64, zone Zone) string {
	name := ZoneName(zone)
	if name[0] == '+' || name[0] == '-' {
		return name
	}
	short, offset := time.Unix(unixSeconds, 0).In(Location(zone)).Zone()
	if short[0] == '+' || short[0] == '-' {
		return "GMT" + OffsetText(int64(offset/60), ":")
	}
	return short
}

// Location returns a zone's rules.
func Location(z Zone) *time.Location {
	switch {
	case z == UTC:
		return time.UTC
	case z >= firstRegion:
		return (*regions.Load())[z-firstRegion].location
	}
	minutes := int(z - offsetBase)
	slot := &offsets[minutes+MaxOffsetMinutes]
	if l := slot.Load(); l != nil {
		return l
	}
	l := time.FixedZone(OffsetText(int64(minutes), ":"), minutes*60)
	slot.Store(l)
	return l
}

// OffsetSpan is how far a zone is ahead of UTC at an instant, and between which instants, up to and not including
// end, it is for certain. All are seconds.
func OffsetSpan(z Zone, unixSeconds int64) (offset, start, end int64) {
	start, end = math.MinInt64, math.MaxInt64
	if z < firstRegion {
		return OffsetSeconds(z, unixSeconds), start, end
	}
	t := time.Unix(unixSeconds, 0).In(Location(z))
	_, seconds := t.Zone()
	since, until := t.ZoneBounds()
	if !since.IsZero() {
		start = since.Unix()
	}
	if !until.IsZero() {
		end = until.Unix()
	}
	return int64(seconds), start, end
}

// OffsetSeconds is how far a zone is ahead of UTC at an instant.
func OffsetSeconds(z Zone, unixSeconds int64) int64 {
	if z < firstRegion {
		if z == UTC {
			return 0
		}
		return int64(z-offsetBase) * 60
	}
	_, offset := time.Unix(unixSeconds, 0).In(Location(z)).Zone()
	return int64(offset)
}
