// Package gen makes audit log files that look like real ones: accounts, people
// and programs of very different activity, sessions whose credentials are
// issued in one event and used in later ones, refusals, sign-ins, now and then
// a break-in. All of it is invented. The same options give the same bytes.
package gen

import (
	"iter"
	"slices"
	"time"
)

// Options say how much to make. Fields left zero have the defaults named here.
type Options struct {
	Seed uint64
	// Events is the number of events, default 10,000.
	Events int64
	// Days is the time span the events cover, default 30.
	Days int
	// End is the exclusive end of the span, default the first of 2026 UTC; cut to the hour.
	End time.Time
	// Accounts is the number of accounts, default 20. The first is the busiest.
	Accounts int
	// EventsPerFile is the mean number of events in a log file, default 116.
	EventsPerFile int
}

// Event is one generated event.
type Event struct {
	Time time.Time
	// File is the path of the log file the event belongs to, relative to the
	// root of the log bucket. Events of one file come in a row.
	File string
	// JSON is the event's record, valid until the next event is asked for.
	JSON []byte
}

// incidentDays is the time span that holds one break-in; a shorter span has one, too.
const incidentDays = 30

// Events makes the events of the options, file by file. Files come in the order
// of time; the events in one file are roughly so. Memory does not grow with Events.
func Events(o Options) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		g := newGenerator(o)
		for g.done < g.options.Events {
			g.startFile()
			for i := range g.times {
				record := g.event(i)
				if !yield(Event{Time: g.times[i], File: g.file, JSON: record}) {
					return
				}
			}
			g.done += int64(len(g.times))
		}
	}
}

func (o Options) withDefaults() Options {
	setDefault(&o.Events, 10_000)
	setDefault(&o.Days, 30)
	setDefault(&o.Accounts, 20)
	setDefault(&o.EventsPerFile, 116)
	if o.End.IsZero() {
		o.End = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	o.End = o.End.UTC().Truncate(time.Hour)
	return o
}

func setDefault[T int | int64](field *T, value T) {
	if *field <= 0 {
		*field = value
	}
}

// generator is the state of one stream of events.
type generator struct {
	options  Options
	schedule schedule
	done     int64

	accounts []*account
	// places weighs the pairs of account and region.
	places weights
	// everywhere and elsewhere weigh the actions: in us-east-1, and where
	// global services do not report.
	everywhere, elsewhere weights

	e     event
	file  string
	times []time.Time
	// incidents done, and the steps left of one under way.
	incidents int64
	script    []step
}

func newGenerator(o Options) *generator {
	g := &generator{options: o.withDefaults()}
	g.e.random = random{state: g.options.Seed}
	g.e.zipfs = map[int]weights{}
	g.schedule = newSchedule(g.options)
	for n := range g.options.Accounts {
		g.accounts = append(g.accounts, newAccount(&g.e.random, n))
	}
	g.places = newWeights(len(g.accounts)*len(regions), func(i int) int {
		return 1_000_000 / ((1 + i/len(regions)) * (1 + 3*(i%len(regions))))
	})
	g.everywhere = newWeights(len(actions), func(i int) int { return actions[i].weight })
	g.elsewhere = newWeights(len(actions), func(i int) int {
		if actions[i].traits.has(global) {
			return 0
		}
		return actions[i].weight
	})
	return g
}

// startFile decides where and when the next file's events happen.
func (g *generator) startFile() {
	r := &g.e.random
	place := g.places.pick(r)
	n := max(1, int64(g.options.EventsPerFile/2+r.below(g.options.EventsPerFile+1)))

	g.script = nil
	breakIns := int64(g.options.Days+incidentDays-1) / incidentDays
	if (2*g.incidents+1)*g.options.Events <= 2*g.done*breakIns {
		g.incidents++
		place = 0
		g.script = breakIn
		n = max(n, int64(len(breakIn)))
	}
	n = min(n, g.options.Events-g.done)

	g.e.account = g.accounts[place/len(regions)]
	g.e.region = regions[place%len(regions)]
	start, end := g.schedule.window(g.done, n)
	g.times = g.times[:0]
	seconds := int(end.Sub(start) / time.Second)
	for range n {
		g.times = append(g.times, start.Add(time.Duration(r.below(seconds))*time.Second))
	}
	slices.SortFunc(g.times, time.Time.Compare)
	g.file = g.e.filePath(start)
}
