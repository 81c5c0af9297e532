package session

import (
	"strconv"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine/query"
	"github.com/auditlake/auditlake/planner/types"
)

// propertyOption returns the option that a session property sets. The error is a
// property that does not exist, or a value that it cannot have.
func propertyOption(name, value string) (query.Option, error) {
	switch name {
	case TimeZoneProperty:
		if _, _, err := types.LoadZone(value); err != nil {
			return nil, err
		}
		return query.TimeZone(value), nil
	case RunTimeProperty:
		limit, ok := parseDuration(value)
		if !ok {
			return nil, failed(types.InvalidSessionProperty, "%s is not a duration such as 30.00s: %s", RunTimeProperty, value)
		}
		return query.Timeout(limit), nil
	case ScanProperty:
		limit, ok := parseDataSize(value)
		if !ok {
			return nil, failed(types.InvalidSessionProperty, "%s is not a data size such as 2GB: %s", ScanProperty, value)
		}
		return query.MaxBytes(limit), nil
	}
	return nil, failed(types.InvalidSessionProperty, "Session property '%s' does not exist; the properties are %s",
		name, strings.Join([]string{ScanProperty, RunTimeProperty, TimeZoneProperty}, ", "))
}

// unit is a unit of time in nanoseconds, or of data in bytes.
type unit struct {
	name string
	size float64
}

var (
	durationUnits = []unit{{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}, {"d", 24 * 3600e9}}
	dataUnits     = []unit{{"kB", 1 << 10}, {"MB", 1 << 20}, {"GB", 1 << 30}, {"TB", 1 << 40}, {"PB", 1 << 50}, {"B", 1}}
)

// parseDuration reads a positive duration as Trino writes it: 1.50m.
func parseDuration(text string) (time.Duration, bool) {
	n, ok := parseQuantity(text, durationUnits)
	return time.Duration(n), ok
}

// parseDataSize reads a positive data size as Trino writes it: 2GB is 2^31 bytes.
func parseDataSize(text string) (int64, bool) { return parseQuantity(text, dataUnits) }

// parseQuantity reads a number with a unit after it, the first of units that fits.
func parseQuantity(text string, units []unit) (int64, bool) {
	for _, u := range units {
		digits, ok := strings.CutSuffix(text, u.name)
		if !ok {
			continue
		}
		if n, err := strconv.ParseFloat(strings.TrimSpace(digits), 64); err == nil {
			total := n * u.size
			return int64(total), total >= 1 && total < 1<<62
		}
	}
	return 0, false
}
