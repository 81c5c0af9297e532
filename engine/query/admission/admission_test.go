package admission

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/types"
)

var (
	ann = Client{Door: "trino", User: "ann"}
	bob = Client{Door: "trino", User: "bob"}
	// bobLocal is the same user at another door.
	bobLocal = Client{Door: "command", User: "bob"}
)

func join(t *testing.T, q *Queue, c Client) *Ticket {
	ticket, err := q.Join(c)
	require.NoError(t, err)
	return ticket
}

// startsInOrder makes one slot free after the other and says in which order the
// tickets got them.
func startsInOrder(t *testing.T, holder *Ticket, tickets map[string]*Ticket) (order []string) {
	holder.Leave()
	waiting := len(tickets)
	for range waiting {
		started := ""
		for name, ticket := range tickets {
			if ticket.Position() == 0 {
				require.Empty(t, started, "one slot, one statement")
				started = name
			}
		}
		require.NotEmpty(t, started)
		order = append(order, started)
		require.NoError(t, tickets[started].Wait(context.Background()))
		ended := tickets[started]
		delete(tickets, started)
		ended.Leave()
	}
	return order
}

func TestTurns(t *testing.T) {
	for name, c := range map[string]struct {
		joined []Client
		want   []string
	}{
		"one client: in the order of coming": {[]Client{ann, ann, ann}, []string{"0 ann", "1 ann", "2 ann"}},
		"users of a door take turns": {
			[]Client{ann, ann, ann, bob, bob}, []string{"0 ann", "3 bob", "1 ann", "4 bob", "2 ann"},
		},
		"so do doors": {
			[]Client{bob, bob, bobLocal, bobLocal, bobLocal}, []string{"0 bob", "2 bob", "1 bob", "3 bob", "4 bob"},
		},
		"three": {
			[]Client{ann, ann, ann, bob, bobLocal, bobLocal},
			[]string{"0 ann", "3 bob", "4 bob", "1 ann", "5 bob", "2 ann"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			q := NewQueue(1, 100, 10_000)
			holder := join(t, q, Client{Door: "x", User: "y"})
			tickets := map[string]*Ticket{}
			positions := map[string]int{}
			for i, client := range c.joined {
				tickets[fmt.Sprint(i, " ", client.User)] = join(t, q, client)
			}
			for name, ticket := range tickets {
				positions[name] = ticket.Position()
			}
			order := startsInOrder(t, holder, tickets)
			require.Equal(t, c.want, order)
			for i, name := range order {
				require.Equal(t, i+1, positions[name], "the position of %s foretells its turn", name)
			}
			running, waiting := q.Counts()
			require.Zero(t, running)
			require.Zero(t, waiting)
		})
	}
}

// TestManyOfOneUserDelayAnotherByOneTurn: with 1,000 statements of one user in the
// line, another's is the next but one, and its second comes two turns after.
func TestManyOfOneUserDelayAnotherByOneTurn(t *testing.T) {
	q := NewQueue(1, 2000, 10_000)
	holder := join(t, q, ann)
	var anns []*Ticket
	for range 1000 {
		anns = append(anns, join(t, q, ann))
	}
	_, err := q.Join(ann)
	require.Equal(t, types.QueryQueueFull, types.ErrorName(err), "ann has half of all places")
	first, second := join(t, q, bob), join(t, q, bob)
	require.Equal(t, 2, first.Position())
	require.Equal(t, 4, second.Position())
	require.Equal(t, 1002, anns[999].Position())

	holder.Leave()
	require.Zero(t, anns[0].Position())
	anns[0].Leave()
	require.Zero(t, first.Position())
	require.Equal(t, 1, anns[1].Position())
	require.Equal(t, 2, second.Position())
}

func TestFullQueue(t *testing.T) {
	q := NewQueue(2, 4, 10_000)
	join(t, q, ann)
	running := join(t, q, ann)
	join(t, q, ann)
	join(t, q, ann)
	_, err := q.Join(ann)
	require.Equal(t, types.QueryQueueFull, types.ErrorName(err))
	require.ErrorContains(t, err, "2 of this user and 2 in all, of at most 4")

	spare := join(t, q, bob)
	require.Zero(t, spare.Position())
	waits := join(t, q, bob)
	require.Equal(t, 2, waits.Position())
	_, err = q.Join(bob)
	require.Error(t, err, "one place is left, for somebody who has none")
	join(t, q, bobLocal)
	_, err = q.Join(Client{Door: "trino", User: "carl"})
	require.Equal(t, types.QueryQueueFull, types.ErrorName(err))

	running.Leave()
	join(t, q, Client{Door: "trino", User: "carl"})
	slots, places := q.Counts()
	require.Equal(t, 3, slots)
	require.Equal(t, 4, places)
}

func TestWaitEndsWithItsContext(t *testing.T) {
	q := NewQueue(1, 10, 10_000)
	holder := join(t, q, ann)
	ctx, cancel := context.WithCancel(context.Background())
	given, after := join(t, q, bob), join(t, q, bob)
	ended := make(chan error)
	go func() { ended <- given.Wait(ctx) }()
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
	require.Equal(t, 1, after.Position(), "the place is free")
	given.Leave()

	holder.Leave()
	require.ErrorIs(t, after.Wait(ctx), context.Canceled, "a slot is not taken for a context that has ended")
	running, waiting := q.Counts()
	require.Zero(t, running)
	require.Zero(t, waiting)
}

func TestWaitEndsWithASlot(t *testing.T) {
	q := NewQueue(1, 10, 10_000)
	holder := join(t, q, ann)
	require.NoError(t, holder.Wait(context.Background()))
	next := join(t, q, bob)
	ended := make(chan error)
	go func() { ended <- next.Wait(context.Background()) }()
	holder.Leave()
	require.NoError(t, <-ended)
	holder.Leave()
	running, _ := q.Counts()
	require.Equal(t, 1, running, "to leave twice frees one slot")
}

func TestLeavingEndsWaiting(t *testing.T) {
	q := NewQueue(1, 10, 10_000)
	join(t, q, ann)
	next := join(t, q, bob)
	ended := make(chan error)
	go func() { ended <- next.Wait(context.Background()) }()
	next.Leave()
	require.ErrorIs(t, <-ended, ErrLeft)
	require.ErrorIs(t, next.Wait(context.Background()), ErrLeft)
	paused := join(t, NewQueue(1, 1, 10_000), ann)
	paused.Pause()
	paused.Leave()
	paused.Leave()
	require.ErrorIs(t, paused.Wait(context.Background()), ErrLeft)
}

// TestPausedStatementsHoldNoSlot: statements whose readers do not come take part in
// nothing; one whose reader comes is the next of its client.
func TestPausedStatementsHoldNoSlot(t *testing.T) {
	q := NewQueue(2, 10, 10_000)
	var slow []*Ticket
	for range 6 {
		ticket := join(t, q, ann)
		require.Zero(t, ticket.Position())
		ticket.Pause()
		ticket.Pause()
		slow = append(slow, ticket)
	}
	one, two, spare := join(t, q, bob), join(t, q, bob), join(t, q, bobLocal)
	require.Zero(t, spare.Position())
	third := join(t, q, ann)
	ended := make(chan error)
	go func() { ended <- slow[0].Wait(context.Background()) }()
	for slow[0].Position() != 1 { // until it waits
		runtime.Gosched()
	}
	require.Equal(t, 2, third.Position())
	one.Leave()
	require.NoError(t, <-ended)
	slow[1].Leave()
	running, waiting := q.Counts()
	require.Equal(t, 3, running)
	require.Equal(t, 1, waiting)

	two.Leave()
	spare.Leave()
	require.NoError(t, third.Wait(context.Background()))
	third.Leave()
	require.NoError(t, slow[2].Wait(context.Background()), "a slot is free: no waiting")
	require.Zero(t, slow[2].Position())
}

func TestLeavingTheMiddleOfALine(t *testing.T) {
	q := NewQueue(1, 10, 10_000)
	holder := join(t, q, ann)
	a, b, c := join(t, q, ann), join(t, q, ann), join(t, q, ann)
	b.Leave()
	require.Equal(t, 2, c.Position())
	require.Zero(t, b.Position())
	holder.Leave()
	a.Leave()
	require.NoError(t, c.Wait(context.Background()))
}

// TestOneClientKeepsNobodyOut: who has all slots, and statements that wait besides, leaves others one each, as far as
// spare slots go; as those leave it gets no more than it had.
func TestOneClientKeepsNobodyOut(t *testing.T) {
	q := NewQueue(4, 10, 10_000)
	var anns []*Ticket
	for range 6 {
		anns = append(anns, join(t, q, ann))
	}
	bobs := []*Ticket{join(t, q, bob), join(t, q, bob)}
	require.Zero(t, bobs[0].Position())
	require.Equal(t, 2, bobs[1].Position(), "after ann's next")
	local, carl := join(t, q, bobLocal), join(t, q, Client{Door: "trino", User: "carl"})
	require.Zero(t, local.Position())
	require.Equal(t, 3, carl.Position(), "no slot is spare")

	bobs[0].Leave()
	require.Zero(t, bobs[1].Position(), "nothing of bob's runs now, and bob is before carl")
	local.Leave()
	require.Zero(t, carl.Position())
	running, _ := q.Counts()
	require.Equal(t, 6, running)

	bobs[1].Leave()
	carl.Leave()
	require.Equal(t, 1, anns[4].Position(), "ann has as many as without others")
	anns[0].Leave()
	require.Zero(t, anns[4].Position())
	for _, ticket := range anns {
		ticket.Leave()
	}
	require.Empty(t, q.runningOf)
	require.Empty(t, q.openOf)
}

// TestConcurrentClients: never more run than there are slots, spare ones counted, every accepted
// statement gets one or leaves, and nothing stays behind.
func TestConcurrentClients(t *testing.T) {
	const slots, clients, statements = 3, 8, 300
	q := NewQueue(slots, 20, 10_000)
	var running, ran, refused, given atomic.Int64
	var all sync.WaitGroup
	for i := range clients {
		for line := range 2 {
			all.Go(func() {
				r := rand.New(rand.NewPCG(uint64(i), uint64(line)))
				for range statements {
					ticket, err := q.Join(Client{Door: "trino", User: fmt.Sprint(i)})
					if err != nil {
						refused.Add(1)
						continue
					}
					ctx, cancel := context.WithCancel(context.Background())
					if r.IntN(4) == 0 {
						go cancel()
					}
					for range 1 + r.IntN(3) {
						if ticket.Wait(ctx) != nil {
							given.Add(1)
							break
						}
						if now := running.Add(1); now > slots+slots/2 {
							t.Errorf("%d run at once", now)
						}
						runtime.Gosched()
						running.Add(-1)
						ticket.Pause()
						ran.Add(1)
					}
					ticket.Leave()
					cancel()
				}
			})
		}
	}
	all.Wait()
	require.Positive(t, ran.Load())
	slotsTaken, places := q.Counts()
	require.Zero(t, slotsTaken)
	require.Zero(t, places)
	t.Logf("%d ran, %d were refused, %d given up", ran.Load(), refused.Load(), given.Load())
}

// TestKeysOfAUserTakeTurns: 60 statements of one key of a user, ten of which run, leave another key of that user a turn at
// once and places to wait, at its turn.
func TestKeysOfAUserTakeTurns(t *testing.T) {
	q := NewQueue(10, 100, 200)
	one, other := Client{Door: "trino", User: "ann", Key: "one"}, Client{Door: "trino", User: "ann", Key: "other"}
	var first []*Ticket
	for range 60 {
		first = append(first, join(t, q, one))
	}
	_, err := q.Join(one)
	require.Equal(t, types.QueryQueueFull, types.ErrorName(err))
	runs, waits := join(t, q, other), join(t, q, other)
	require.Zero(t, runs.Position())
	require.Equal(t, 2, waits.Position())
	for _, ticket := range first[:3] { // a spare turn is taken by nobody, then each key has one
		ticket.Leave()
	}
	require.Zero(t, waits.Position())
}

func BenchmarkJoin(b *testing.B) {
	q := NewQueue(10, 100, 10_000)
	for b.Loop() {
		ticket, err := q.Join(ann)
		if err != nil {
			b.Fatal(err)
		}
		if err := ticket.Wait(context.Background()); err != nil {
			b.Fatal(err)
		}
		ticket.Leave()
	}
}

// TestOpenStatementsAreBounded: also those that pause count, and no client has more than half.
func TestOpenStatementsAreBounded(t *testing.T) {
	q := NewQueue(1, 100, 5)
	var anns []*Ticket
	for range 3 {
		ticket := join(t, q, ann)
		ticket.Pause()
		anns = append(anns, ticket)
	}
	_, err := q.Join(ann)
	require.Equal(t, types.QueryQueueFull, types.ErrorName(err))
	require.ErrorContains(t, err, "Too many queries are open: 3 of this user and 3 in all, of at most 5")
	waits := join(t, q, bob)
	waits.Pause()
	_, err = q.Join(bob)
	require.Error(t, err)
	last := join(t, q, bobLocal)
	_, err = q.Join(Client{Door: "trino", User: "carl"})
	require.ErrorContains(t, err, "0 of this user and 5 in all", "there is no more")

	for range 2 {
		last.Leave() // the second time it is nobody's place
	}
	anns[0].Leave()
	join(t, q, bob)
	_, err = q.Join(Client{Door: "trino", User: "carl"})
	require.NoError(t, err)
	_, err = q.Join(ann)
	require.Error(t, err)
	running, waiting := q.Counts()
	require.Equal(t, []int{1, 1}, []int{running, waiting})
}
