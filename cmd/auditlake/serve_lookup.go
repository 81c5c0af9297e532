package main

import (
	"fmt"
	"strconv"
	"time"
)

// maxLookupDays keeps the age of the event history within what a time.Duration holds.
const maxLookupDays = 100_000

// parseLookupDays reads --lookup-days: a number of days, or all, which is an age below 0.
func parseLookupDays(text string) (time.Duration, error) {
	if text == "all" {
		return -1, nil
	}
	days, err := strconv.Atoi(text)
	if err != nil || days < 1 || days > maxLookupDays {
		return 0, usageError{fmt.Errorf("--lookup-days must be all or between 1 and %d, not %q", maxLookupDays, text)}
	}
	return time.Duration(days) * 24 * time.Hour, nil
}
