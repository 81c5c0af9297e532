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

// winterTimeZones are those whose clocks the time zone database puts back in
// winter, rather than forward in summer: their names count the other way round.
var winterTimeZones = map[string]bool{
	"Africa/Casablanca": true, "Africa/El_Aaiun": true, "Africa/Windhoek": true, "Eire": true, "Europe/Dublin": true,
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
	daylight := time.Unix(unix, 0).In(arrowtype.Location(zone)).IsDST()
	if winterTimeZones[name] {
		daylight = !daylight
	}
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
