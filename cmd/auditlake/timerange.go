package main

import (
	"errors"
	"time"

	"github.com/spf13/pflag"
)

// timeRange is --from and --to, which mean the same with every command: from that time on, and before that time.
type timeRange struct {
	from, to string
	last     string // of an old flag, which includes its instant
}

// timeHelp lists the forms of a time.
const timeHelp = " (2026-01-31, 2026-01-31T10:00:00Z, or how long ago: 7d, 12h)"

func (r *timeRange) addTo(flags *pflag.FlagSet, what string) {
	flags.StringVar(&r.from, "from", "", "only "+what+" from this time on"+timeHelp)
	flags.StringVar(&r.to, "to", "", "only "+what+" before this time")
}

// addHidden adds a flag that was there before --from and --to.
func addHidden(flags *pflag.FlagSet, value *string, name, usage string) {
	flags.StringVar(value, name, "", usage)
	_ = flags.MarkHidden(name) // it is there
}

// isGiven reports whether there is any bound.
func (r *timeRange) isGiven() bool { return r.from != "" || r.to != "" || r.last != "" }

// read returns the bounds, zero for none.
func (r *timeRange) read(now time.Time) (from, to time.Time, err error) {
	if r.to != "" && r.last != "" {
		return from, to, usageError{errors.New("use either --to or --end, not both")}
	}
	for _, bound := range []struct {
		text string
		at   *time.Time
	}{{r.from, &from}, {r.to, &to}, {r.last, &to}} {
		if bound.text == "" {
			continue
		}
		if *bound.at, err = parseSince(bound.text, now); err != nil {
			return from, to, err
		}
	}
	if r.to != "" && !from.IsZero() && !from.Before(to) {
		return from, to, usageError{errors.New("--from must be before --to")}
	}
	if r.last != "" {
		to = to.Add(time.Millisecond) // events have no finer times
	}
	return from, to, nil
}
