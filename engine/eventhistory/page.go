package eventhistory

import "slices"

// page collects the first events in the order of the event history, of all that are added.
type page struct {
	maxEvents, maxBytes int

	events []*Event
	bytes  int  // of their texts
	isFull bool // an event found no room
}

// add adds an event, unless it is there already: in another store, or delivered twice.
func (p *page) add(e *Event) {
	at, found := slices.BinarySearchFunc(p.events, e.Place, func(e *Event, place Place) int { return e.compare(place) })
	if found {
		return
	}
	p.events = slices.Insert(p.events, at, e)
	p.bytes += len(e.Text)
	for len(p.events) > p.maxEvents || p.bytes > p.maxBytes && len(p.events) > 1 {
		p.dropLast()
		p.isFull = true
	}
}

// dropAfter drops the events after a place, and reports whether there were any.
func (p *page) dropAfter(place Place) (dropped bool) {
	for len(p.events) > 0 && p.events[len(p.events)-1].compare(place) > 0 {
		p.dropLast()
		dropped = true
	}
	return dropped
}

func (p *page) dropLast() {
	last := len(p.events) - 1
	p.bytes -= len(p.events[last].Text)
	p.events[last] = nil
	p.events = p.events[:last]
}
