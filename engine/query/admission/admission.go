// Package admission decides which statements run, which wait, and which are sent away. A
// Queue has slots for statements that run, places for those that wait, and a limit of those
// that are open: they run, wait, or pause until their reader comes for more. It is fair
// between clients: as slots become free, the clients with waiting statements take turns,
// each client's statements begin in the order in which they came, and no client alone has
// all places, or all that may be open. Nor does a client that has all slots keep the others
// out: beyond them there are spare ones, half as many, for clients of which nothing runs.
package admission

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/auditlake/auditlake/planner/types"
)

// Client is who takes turns: a user at a door, with the access key that is shown there, "" for none. Keys of one user
// take turns as users do, so that a program with one does not keep out a person with another.
type Client struct{ Door, User, Key string }

// Queue admits statements. It is safe for concurrent use. It starts no goroutine
// and knows no time.
type Queue struct {
	slots, places, maxOpen int

	mu        sync.Mutex
	running   int            // mu: slots that are taken, spare ones among them
	runningOf map[Client]int // mu: how many of them a client has
	waiting   int            // mu: the tickets of all lines
	open      int            // mu: the tickets that have not left
	openOf    map[Client]int // mu: how many of them a client has
	// lines has the clients with waiting statements in the order of their turns.
	lines []*line // mu
}

// line is the waiting statements of a client, at least one.
type line struct {
	client  Client
	tickets []*Ticket
}

// NewQueue returns a queue in which slots statements run at once, and half as many more if each
// is its client's only one; about as many as places wait, and about maxOpen are open. All are at least 1.
func NewQueue(slots, places, maxOpen int) *Queue {
	return &Queue{slots: max(1, slots), places: max(1, places), maxOpen: max(1, maxOpen), runningOf: map[Client]int{}, openOf: map[Client]int{}}
}

// Counts returns how many statements have a slot and how many wait for one.
func (q *Queue) Counts() (running, waiting int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.running, q.waiting
}

// Ticket is the place of one statement in a queue. Its methods are safe for
// concurrent use, but one goroutine at a time waits.
type Ticket struct {
	queue  *Queue
	client Client

	state state         // queue.mu
	ready chan struct{} // queue.mu; closed when the ticket gets a slot or leaves, another one after Pause
}

type state int

const (
	waits state = iota
	runs
	paused
	left
)

// Join takes a slot if one is free, else a place at the end of the client's line.
// It does not wait. It fails with a *types.Error QUERY_QUEUE_FULL if the client has
// as many waiting statements as there are free places, or as many open ones as others
// may still be opened: so one client has at most half, and there is one left for a
// client that has none. The caller calls Leave.
func (q *Queue) Join(client Client) (*Ticket, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if own := q.openOf[client]; own >= q.maxOpen-q.open {
		return nil, types.Errorf(types.QueryQueueFull, types.Pos{},
			"Too many queries are open: %d of this user and %d in all, of at most %d; one user may have as many open as others may still be opened. "+
				"Read the answers to their end, close them, or cancel the queries", own, q.open, q.maxOpen)
	}
	t := &Ticket{queue: q, client: client, ready: make(chan struct{})}
	if q.maySlotLocked(client) {
		q.openLocked(t)
		q.startLocked(t)
		return t, nil
	}
	own, free := 0, q.places-q.waiting
	if at := q.lineLocked(client); at >= 0 {
		own = len(q.lines[at].tickets)
	}
	if own >= free {
		return nil, types.Errorf(types.QueryQueueFull, types.Pos{},
			"Too many queries wait: %d of this user and %d in all, of at most %d; one user may have as many waiting as there are places free. "+
				"Ask again when some have ended", own, q.waiting, q.places)
	}
	q.openLocked(t)
	q.queueLocked(t, false)
	return t, nil
}

func (q *Queue) openLocked(t *Ticket) {
	q.open++
	q.openOf[t.client]++
}

// closeLocked is the opposite of openLocked.
func (q *Queue) closeLocked(t *Ticket) {
	q.open--
	takeOne(q.openOf, t.client)
}

// takeOne counts one statement of a client less. A client without any is forgotten.
func takeOne(of map[Client]int, client Client) {
	if of[client]--; of[client] == 0 {
		delete(of, client)
	}
}

// ErrLeft is the error of waiting with a ticket that has left its queue.
var ErrLeft = errors.New("the statement has left the queue")

// Wait waits until the ticket has a slot. When ctx ends before, or has ended, the
// ticket leaves the queue, and the error is that of ctx. When Leave is called
// meanwhile, or was called, it is ErrLeft. After Pause, Wait asks for a slot again.
func (t *Ticket) Wait(ctx context.Context) error {
	ready := t.comeBack()
	select {
	case <-ready:
	case <-ctx.Done():
	}
	if err := ctx.Err(); err != nil {
		t.Leave()
		return err
	}
	t.queue.mu.Lock()
	defer t.queue.mu.Unlock()
	if t.state == left {
		return ErrLeft
	}
	return nil
}

// comeBack puts a paused ticket at the beginning of its client's line: what it holds
// is given back sooner when it ends sooner. The places that are left do not matter,
// since the statement was admitted before.
func (t *Ticket) comeBack() (ready <-chan struct{}) {
	q := t.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	if t.state == paused {
		t.ready = make(chan struct{})
		q.queueLocked(t, true)
		q.dispatchLocked()
	}
	return t.ready
}

// Pause gives the slot of a running statement to the next one. It is for a statement
// that cannot continue before its reader takes rows; Wait comes before it continues.
func (t *Ticket) Pause() {
	q := t.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	if t.state != runs {
		return
	}
	t.state = paused
	q.stopLocked(t)
	q.dispatchLocked()
}

// Leave gives up the slot or the place. It may be called again.
func (t *Ticket) Leave() {
	q := t.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	switch t.state {
	case left:
		return
	case runs:
		q.stopLocked(t)
	case waits:
		q.removeLocked(t)
		close(t.ready)
	}
	t.state = left
	q.closeLocked(t)
	q.dispatchLocked()
}

// Position returns how many statements get a slot up to this one if nobody joins or
// leaves, and no slot is a spare one: 1 is the next. It is 0 when the ticket does not wait.
func (t *Ticket) Position() int {
	q := t.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	if t.state != waits {
		return 0
	}
	own := q.lineLocked(t.client)
	round := slices.Index(q.lines[own].tickets, t) // in which the ticket's turn is
	position := round + 1
	for i, other := range q.lines {
		switch {
		case i < own:
			position += min(len(other.tickets), round+1)
		case i > own:
			position += min(len(other.tickets), round)
		}
	}
	return position
}

// queueLocked puts a ticket into its client's line.
func (q *Queue) queueLocked(t *Ticket, first bool) {
	t.state = waits
	q.waiting++
	at := q.lineLocked(t.client)
	if at < 0 {
		q.lines = append(q.lines, &line{client: t.client, tickets: []*Ticket{t}})
		return
	}
	l := q.lines[at]
	if first {
		l.tickets = slices.Insert(l.tickets, 0, t)
		return
	}
	l.tickets = append(l.tickets, t)
}

// removeLocked takes a waiting ticket out of its line.
func (q *Queue) removeLocked(t *Ticket) {
	q.waiting--
	at := q.lineLocked(t.client)
	l := q.lines[at]
	i := slices.Index(l.tickets, t)
	l.tickets = slices.Delete(l.tickets, i, i+1)
	if len(l.tickets) == 0 {
		q.lines = slices.Delete(q.lines, at, at+1)
	}
}

// maySlotLocked reports whether a statement of a client may run now.
func (q *Queue) maySlotLocked(client Client) bool {
	return q.running < q.slots || q.running < q.slots+q.slots/2 && q.runningOf[client] == 0
}

// dispatchLocked gives free slots to those whose turn it is.
func (q *Queue) dispatchLocked() {
	for {
		at := slices.IndexFunc(q.lines, func(l *line) bool { return q.maySlotLocked(l.client) })
		if at < 0 {
			return
		}
		next := q.lines[at]
		t := next.tickets[0]
		q.removeLocked(t)
		if len(next.tickets) > 0 { // the client's next turn comes after everybody else's
			q.lines = append(slices.Delete(q.lines, at, at+1), next)
		}
		q.startLocked(t)
	}
}

func (q *Queue) startLocked(t *Ticket) {
	q.running++
	q.runningOf[t.client]++
	t.state = runs
	close(t.ready)
}

// stopLocked is the opposite of startLocked.
func (q *Queue) stopLocked(t *Ticket) {
	q.running--
	takeOne(q.runningOf, t.client)
}

// lineLocked returns the index of a client's line, -1 if nothing of it waits.
func (q *Queue) lineLocked(client Client) int {
	return slices.IndexFunc(q.lines, func(l *line) bool { return l.client == client })
}
