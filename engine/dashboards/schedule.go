package dashboards

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/auditlake/auditlake/lazyregexp"
	"github.com/auditlake/auditlake/storage/catalog"
)

// Schedule says when a dashboard is refreshed: every Value hours, or once a day.
type Schedule struct {
	Unit      string // HOURS or DAYS; "": none was given yet
	Value     int
	TimeOfDay string // HH:MM, UTC; "": 00:00. Hours take the minutes of it alone.
	IsEnabled bool
}

// The units of schedules.
const (
	Hours = "HOURS"
	Days  = "DAYS"
)

var timeOfDay = lazyregexp.New(`^(?:[01][0-9]|2[0-3]):[0-5][0-9]$`)

func checkSchedule(d *Dashboard) error {
	s := d.Schedule
	switch {
	case s == nil:
		return nil
	case s.Unit == "" && s.Value == 0 && !s.IsEnabled:
		// a schedule that is switched off need not say when
	case d.Name == HighlightsName && (s.Unit != Hours || s.Value != 6):
		return fmt.Errorf("%w: %s is refreshed every 6 HOURS", ErrSchedule, HighlightsName)
	case s.Unit == Hours && !slices.Contains([]int{1, 6, 12, 24}, s.Value):
		return fmt.Errorf("%w: every 1, 6, 12 or 24 HOURS, not %d", ErrSchedule, s.Value)
	case s.Unit == Days && s.Value != 1:
		return fmt.Errorf("%w: every 1 DAYS, not %d", ErrSchedule, s.Value)
	case s.Unit != Hours && s.Unit != Days:
		return fmt.Errorf("%w: it needs a Frequency, whose Unit is HOURS or DAYS", ErrSchedule)
	}
	if s.TimeOfDay != "" && !timeOfDay().MatchString(s.TimeOfDay) {
		return fmt.Errorf("%w: TimeOfDay is HH:MM, not '%s'", ErrSchedule, s.TimeOfDay)
	}
	return nil
}

func sameSchedule(a, b *Schedule) bool {
	return a == b || a != nil && b != nil && *a == *b
}

// latest returns the latest instant of the schedule that is not after now.
func (s *Schedule) latest(now time.Time) time.Time {
	every := time.Duration(s.Value) * time.Hour
	var first time.Duration // after midnight
	if at, err := time.Parse("15:04", s.TimeOfDay); err == nil {
		first = time.Duration(at.Minute()) * time.Minute
		if s.Unit == Days {
			first += time.Duration(at.Hour()) * time.Hour
		}
	}
	if s.Unit == Days {
		every = 24 * time.Hour * time.Duration(s.Value)
	}
	// Days of UTC begin at multiples of 24 hours, which every schedule divides.
	return now.UTC().Add(-first).Truncate(every).Add(first)
}

// PerMonth returns how often a schedule refreshes in 30 days.
func (s *Schedule) PerMonth() int {
	switch {
	case s == nil || !s.IsEnabled:
		return 0
	case s.Unit == Days:
		return 30
	}
	return 30 * 24 / s.Value
}

// TakeDue returns the dashboards whose schedules want a refresh now, and notes that each was returned. However many
// instants of a schedule have passed, one refresh is due, so a lake that was closed for a week does not catch up.
func (d *Dashboards) TakeDue(ctx context.Context) (due []*Dashboard, err error) {
	now := d.options.Now()
	all, err := d.List(ctx)
	if err != nil {
		return nil, err
	}
	for _, found := range all {
		if found.isDue(now) {
			due = append(due, found)
		}
	}
	for _, found := range due {
		_, err := d.change(ctx, found.Name, func(_ *catalog.Tx, changed *Dashboard) error {
			changed.ScheduledAt = now
			return nil
		})
		if err != nil && !errors.Is(err, ErrNotFound) { // deleted since
			return nil, err
		}
	}
	return due, nil
}

func (d *Dashboard) isDue(now time.Time) bool {
	return d.Schedule != nil && d.Schedule.IsEnabled && d.Schedule.latest(now).After(d.ScheduledAt)
}

// NoteFailure notes why a refresh of a dashboard that was due did not begin.
func (d *Dashboards) NoteFailure(ctx context.Context, name string, reason error) error {
	_, err := d.change(ctx, name, func(_ *catalog.Tx, changed *Dashboard) error {
		changed.FailureReason = reason.Error()
		return nil
	})
	return err
}
