package activity

import (
	"maps"
	"time"
)

const (
	// foldEvery is how long polls that are alike are counted before they become an event.
	foldEvery = time.Minute
	// maxPolls is how many kinds of polls are counted at once; further ones are events of their own.
	maxPolls = 10_000
)

// PollKey says which polls are alike.
type PollKey struct {
	Name      string // the eventName
	Asker     string // who polls, such as the id of an access key
	Query     string // the id of the query that is asked for
	ErrorCode string
}

// poll counts polls that are alike, after the first of them.
type poll struct {
	key   PollKey
	event *Event // the first
	count int
	last  time.Time
}

// NotePoll notes an event that clients cause again and again, such as asking for a query's state. The first becomes
// an event at once; those of the minute after it become one event together, with their count.
func (r *Recorder) NotePoll(key PollKey, e *Event) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if known := r.polls[key]; known != nil {
		if e.At.Sub(known.event.At).Abs() < foldEvery {
			known.count++
			known.last = e.At
			return
		}
		r.foldLocked(known)
	}
	r.noteLocked(e)
	if len(r.polls) < maxPolls {
		first := &poll{key: key, event: e}
		r.polls[key] = first
		r.pollOrder = append(r.pollOrder, first)
	}
}

// foldPollsLocked makes events of the polls whose minute is over at now. It looks at no others: clients wait for the
// lock.
func (r *Recorder) foldPollsLocked(now time.Time) {
	for len(r.pollOrder) > 0 {
		first := r.pollOrder[0]
		isCounting := r.polls[first.key] == first // not folded by the next poll of its kind
		if isCounting && now.Sub(first.event.At).Abs() < foldEvery {
			return
		}
		r.pollOrder[0] = nil
		r.pollOrder = r.pollOrder[1:]
		if isCounting {
			r.foldLocked(first)
		}
	}
}

// foldLocked makes an event of the polls after the first, if there were any.
func (r *Recorder) foldLocked(p *poll) {
	delete(r.polls, p.key)
	if p.count == 0 {
		return
	}
	folded := *p.event
	folded.Data = maps.Clone(p.event.Data)
	if folded.Data == nil {
		folded.Data = map[string]any{}
	}
	folded.Data["polls"] = p.count
	folded.Data["from"] = p.event.At.UTC().Format(time.RFC3339)
	folded.At, folded.RequestID = p.last, ""
	r.noteLocked(&folded)
}
