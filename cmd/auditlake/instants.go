package main

import (
	"errors"
	"fmt"
	"time"
)

// timeLayouts are the layouts of times in flags: dates, RFC 3339, and the basic forms of ISO 8601.
var timeLayouts = []string{
	time.DateOnly, time.RFC3339, "2006-01-02T15:04:05", time.DateTime, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00", "2006-01-02T15:04",
	"20060102", "20060102T150405Z0700", "20060102T150405",
}

// parseTime reads a date or a time; without a zone it is UTC.
func parseTime(text string) (time.Time, error) {
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, errors.New("no layout fits")
}

// parseSince reads an instant of events or queries: a time, or how long it is before now.
func parseSince(text string, now time.Time) (time.Time, error) {
	if lasting, err := parseLasting(text); err == nil {
		return now.Add(-lasting).UTC(), nil
	}
	at, err := parseTime(text)
	if err != nil {
		return time.Time{}, usageError{fmt.Errorf("%q is not a time; use 2026-01-31, 2026-01-31T10:00:00Z, 7d or 12h",
			text)}
	}
	return at, nil
}

// parseUntil reads an instant to come: a time, or how long it is after now.
func parseUntil(text string, now time.Time) (time.Time, error) {
	if lasting, err := parseLasting(text); err == nil {
		return now.Add(lasting), nil
	}
	at, err := parseTime(text)
	if err != nil {
		return time.Time{}, usageError{fmt.Errorf("%q is not a time; use 2026-12-31, 2026-12-31T10:00:00Z, 90d or 12h",
			text)}
	}
	return at, nil
}
