package datepattern

import (
	_ "embed"
	"strings"
	"sync"
	"time"

	"github.com/auditlake/auditlake/engine/arrowtype"
)

// zoneNameText holds the English names of zones as Trino 476 writes them. A line
// is four names, the long and the short one of standard time and the two of
// daylight time, and the zones that have these.
//
//go:embed zone_name.txt
var zoneNameText string

type zoneNames struct{ standard, standardShort, daylight, daylightShort string }

var namesOfZones = sync.OnceValue(func() map[string]zoneNames {
	names := map[string]zoneNames{}
	for line := range strings.Lines(zoneNameText) {
		part := strings.Split(strings.TrimSuffix(line, "\n"), "|")
		for _, zone := range strings.Fields(part[4]) {
			names[zone] = zoneNames{part[0], part[1], part[2], part[3]}
		}
	}
	return names
})

// winterTimeSince are the zones whose clocks the time zone database puts back in
// winter, rather than forward in summer, and since when: from then on their names
// count the other way round.
var winterTimeSince = map[string]int64{
	"Africa/Casablanca": morocco, "Africa/El_Aaiun": morocco, "Eire": ireland, "Europe/Dublin": ireland,
	"Africa/Windhoek": time.Date(1994, 3, 20, 22, 0, 0, 0, time.UTC).Unix(),
}

var (
	morocco = time.Date(2018, 10, 28, 2, 0, 0, 0, time.UTC).Unix()
	ireland = time.Date(1968, 10, 26, 23, 0, 0, 0, time.UTC).Unix()
)

// isDaylight reports whether Joda-Time calls a zone's time at an instant daylight time. It does so throughout the
// years in which Morocco's clocks were at Greenwich time or, in summer, an hour ahead.
func isDaylight(unix int64, zone arrowtype.Zone) bool {
	t := time.Unix(unix, 0).In(arrowtype.Location(zone))
	since, turns := winterTimeSince[arrowtype.ZoneName(zone)]
	switch {
	case !turns:
		return t.IsDST()
	case unix >= since:
		return !t.IsDST()
	case since != morocco:
		return t.IsDST()
	}
	_, offset := t.Zone()
	return offset == 0 || t.IsDST() && offset == 3600
}

// zoneNameAt is the name of a zone at an instant: Eastern Daylight Time, or EDT.
func zoneNameAt(unix int64, zone arrowtype.Zone, long bool) string {
	name := arrowtype.ZoneName(zone)
	names, ok := namesOfZones()[name]
	switch {
	case zone == arrowtype.UTC && long:
		return "Coordinated Universal Time"
	case !ok:
		return arrowtype.ZoneAbbreviation(unix, zone)
	}
	daylight := isDaylight(unix, zone)
	switch {
	case daylight && long:
		return names.daylight
	case daylight:
		return names.daylightShort
	case long:
		return names.standard
	}
	return names.standardShort
}
