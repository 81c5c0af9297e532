// Package admission decides which statements run, which wait, and which are refused. A Queue has slots for statements
// that run, places for those that wait, and a limit of those that are open: they run, wait, or pause until their reader
// comes for more.
//
// It is fair between users, whatever doors and access keys they use. A free slot goes to the waiting user with the
// fewest running statements; users with equally many take turns. A user has at most half of the places, and of what may
// be open. Half as many slots again are kept for users with no running statement, so a user who has all the others
// keeps no other user out.
//
// The doors and keys of one user share what the user gets in the same way. Each of them that has nothing may have
// one slot and one place more, while half of what is not the user's is left to others. So a program with one key
// does not keep out a person with another.
package admission

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/auditlake/auditlake/planner/types"
)

// Client shares the slots: a user at a door, with the access key used there, "" for none.
type Client struct{ Door, User, Key string }

// Queue admits statements. It is safe for concurrent use. It starts no goroutine
// and knows no time.
type Queue struct {
	slots, places, maxOpen int

	mu      sync.Mutex
	all     tally             // mu: of everybody
	users   map[string]*tally // mu: of each user with open statements
	clients map[Client]*tally // mu
	// waiting has the waiting tickets; those of one client are in the order in which they begin.
	waiting []*Ticket // mu
	turns   int       // mu: how many turns were given; see tally.turn
}

// tally counts the statements of all users, of one user, or of one client.
type tally struct {
	running, waiting, open int
	// turn orders tallies with equally many running: the lowest comes first. It changes when the first statement
	// begins to wait and when a waiting statement gets a slot.
	turn int
}

// NewQueue returns a queue that runs slots statements at once, and half as many more if each is its user's only
// one. About places statements may wait, and about maxOpen may be open. All are at least 1.
func NewQueue(slots, places, maxOpen int) *Queue {
	return &Queue{
		slots: max(1, slots), places: max(1, places), maxOpen: max(1, maxOpen),
		users: map[string]*tally{}, clients: map[Client]*tally{},
	}
}

// Counts returns how many statements have a slot and how many wait for one.
func (q *Queue) Counts() (running, waiting int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.all.running, q.all.waiting
}

// Ticket is the place of one statement in a queue. Its methods are safe for
// concurrent use, but one goroutine at a time waits.
type Ticket struct {
	queue       *Queue
	client      Client
	user, ofKey *tally // of the client's user, and of the client; queue.mu

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

// Join takes a slot if one is free, else a place at the end of the client's line. It does not wait.
//
// It fails with a *types.Error QUERY_QUEUE_FULL if the user's waiting statements are no fewer than the free places, or
// the user's open ones no fewer than may still be opened. So one user has at most half, and one is left for a user
// without any. A client without any may have one of the other half while more than a quarter is left, and more than
// one. The caller calls Leave.
func (q *Queue) Join(client Client) (*Ticket, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	t := &Ticket{
		queue: q, client: client, user: tallyOf(q.users, client.User), ofKey: tallyOf(q.clients, client), ready: make(chan struct{}),
	}
	if isFull(t.user.open, t.ofKey.open, q.all.open, q.maxOpen) {
		q.forgetIdleLocked(t)
		return nil, types.Errorf(types.QueryQueueFull, types.Pos{},
			"Too many queries are open: %d of this user and %d in all, of at most %d; one user may have as many open as others may still be opened. "+
				"Read the answers to their end, close them, or cancel the queries", t.user.open, q.all.open, q.maxOpen)
	}
	maySlot := q.maySlotLocked(t)
	if !maySlot && isFull(t.user.waiting, t.ofKey.waiting, q.all.waiting, q.places) {
		q.forgetIdleLocked(t)
		return nil, types.Errorf(types.QueryQueueFull, types.Pos{},
			"Too many queries wait: %d of this user and %d in all, of at most %d; one user may have as many waiting as there are places free. "+
				"Ask again when some have ended", t.user.waiting, q.all.waiting, q.places)
	}
	for _, of := range t.tallies() {
		of.open++
	}
	if maySlot {
		q.startLocked(t)
	} else {
		q.queueLocked(t, false)
	}
	return t, nil
}

// isFull reports whether a user may have no more of a resource of limit units. All users together have all units,
// the user has ofUser, and the client ofClient.
func isFull(ofUser, ofClient, all, limit int) bool {
	free := limit - all
	return ofUser >= free && (ofClient > 0 || free <= max(1, limit/4))
}

// tallyOf returns the tally of a user or a client; it makes one that is missing.
func tallyOf[K comparable](tallies map[K]*tally, k K) *tally {
	if tallies[k] == nil {
		tallies[k] = &tally{}
	}
	return tallies[k]
}

// forgetIdleLocked forgets the ticket's user and client if they have nothing open.
func (q *Queue) forgetIdleLocked(t *Ticket) {
	if t.user.open == 0 {
		delete(q.users, t.client.User)
	}
	if t.ofKey.open == 0 {
		delete(q.clients, t.client)
	}
}

// tallies returns the tallies that count the ticket.
func (t *Ticket) tallies() [3]*tally { return [3]*tally{&t.queue.all, t.user, t.ofKey} }

// ErrLeft is the error of waiting with a ticket that has left its queue.
var ErrLeft = errors.New("the statement has left the queue")

// Wait waits until the ticket has a slot. If ctx ends before, the ticket leaves the queue, and the error is ctx's.
// If Leave is called before or meanwhile, the error is ErrLeft. After Pause, Wait asks for a slot again.
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
	for _, of := range t.tallies() {
		of.open--
	}
	q.forgetIdleLocked(t)
	q.dispatchLocked()
}

// queueLocked makes a ticket wait, as the first or the last of its client.
func (q *Queue) queueLocked(t *Ticket, first bool) {
	t.state = waits
	for _, of := range t.tallies() {
		if of.waiting == 0 {
			q.giveTurnLocked(of)
		}
		of.waiting++
	}
	if first {
		q.waiting = slices.Insert(q.waiting, 0, t)
		return
	}
	q.waiting = append(q.waiting, t)
}

// giveTurnLocked moves a user or client to the end of the order in which they get slots.
func (q *Queue) giveTurnLocked(of *tally) {
	q.turns++
	of.turn = q.turns
}

// removeLocked takes a ticket out of the waiting ones.
func (q *Queue) removeLocked(t *Ticket) {
	i := slices.Index(q.waiting, t)
	q.waiting = slices.Delete(q.waiting, i, i+1)
	for _, of := range t.tallies() {
		of.waiting--
	}
}

// maySlotLocked reports whether a statement may run now. The spare slots are for users with no running statement; half
// of them may also go to a client with none.
func (q *Queue) maySlotLocked(t *Ticket) bool {
	slots := q.slots
	switch {
	case t.user.running == 0:
		slots += q.slots / 2
	case t.ofKey.running == 0:
		slots += q.slots / 4
	}
	return q.all.running < slots
}

// dispatchLocked gives free slots to those whose turn it is.
func (q *Queue) dispatchLocked() {
	for {
		var next *Ticket
		for _, t := range q.waiting {
			if q.maySlotLocked(t) && (next == nil || t.isBefore(next)) {
				next = t
			}
		}
		if next == nil {
			return
		}
		q.removeLocked(next)
		q.giveTurnLocked(next.user)
		q.giveTurnLocked(next.ofKey)
		q.startLocked(next)
	}
}

// isBefore reports whether the turn of t comes before that of other, which stands before t in Queue.waiting.
func (t *Ticket) isBefore(other *Ticket) bool {
	return cmp.Or(
		cmp.Compare(t.user.running, other.user.running), cmp.Compare(t.user.turn, other.user.turn),
		cmp.Compare(t.ofKey.running, other.ofKey.running), cmp.Compare(t.ofKey.turn, other.ofKey.turn),
	) < 0
}

func (q *Queue) startLocked(t *Ticket) {
	for _, of := range t.tallies() {
		of.running++
	}
	t.state = runs
	close(t.ready)
}

// stopLocked is the opposite of startLocked.
func (q *Queue) stopLocked(t *Ticket) {
	for _, of := range t.tallies() {
		of.running--
	}
}
