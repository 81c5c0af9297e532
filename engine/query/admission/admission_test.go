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
	// bobLocal is the same user at another door, bobKey one with a key.
	bobLocal = Client{Door: "command", User: "bob"}
	bobKey   = Client{Door: "trino", User: "bob", Key: "AKIA1"}
	carl     = Client{Door: "trino", User: "carl"}
)

func join(t *testing.T, q *Queue, c Client) *Ticket {
	ticket, err := q.Join(c)
	require.NoError(t, err)
	return ticket
}

// waits reports whether a ticket waits for a slot.
func (t *Ticket) waits() bool {
	t.queue.mu.Lock()
	defer t.queue.mu.Unlock()
	return t.state == waits
}

// startsInOrder makes one slot free after the other and says in which order the
// tickets got them.
func startsInOrder(t *testing.T, holder *Ticket, tickets map[string]*Ticket) (order []string) {
	holder.Leave()
	waiting := len(tickets)
	for range waiting {
		started := ""
		for name, ticket := range tickets {
			if !ticket.waits() {
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
		"so do doors and keys of a user": {
			[]Client{bob, bob, bobLocal, bobLocal, bobKey, bobKey}, []string{"0 bob", "2 bob", "4 bob", "1 bob", "3 bob", "5 bob"},
		},
		"a user with several has one share": {
			[]Client{bob, bobLocal, bobKey, bob, bobLocal, bobKey, ann, ann, ann, ann},
			[]string{"0 bob", "6 ann", "1 bob", "7 ann", "2 bob", "8 ann", "3 bob", "9 ann", "4 bob", "5 bob"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			q := NewQueue(1, 100, 10_000)
			holder := join(t, q, Client{Door: "x", User: "y"})
			tickets := map[string]*Ticket{}
			for i, client := range c.joined {
				tickets[fmt.Sprint(i, " ", client.User)] = join(t, q, client)
			}
			require.Equal(t, c.want, startsInOrder(t, holder, tickets))
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

	holder.Leave()
	require.False(t, anns[0].waits())
	anns[0].Leave()
	require.False(t, first.waits())
	first.Leave()
	require.False(t, anns[1].waits())
	anns[1].Leave()
	require.False(t, second.waits())
}

// TestFewestRunFirst: a free slot goes to the user of whom the fewest run, and of one user to the door and key of which the
// fewest run, whoever came first.
func TestFewestRunFirst(t *testing.T) {
	for name, c := range map[string]struct {
		run, wait []Client
		want      Client
	}{
		"fewer of the user":              {[]Client{ann, ann, ann, bob}, []Client{ann, bob}, bob},
		"doors and keys count together":  {[]Client{ann, bob, bobLocal, bobKey}, []Client{bobLocal, ann}, ann},
		"fewer of the key":               {[]Client{ann, bob, bob, bobKey}, []Client{bob, bobKey, ann}, ann},
		"fewer of the key, of one user":  {[]Client{carl, bob, bob, bobKey}, []Client{bob, bobKey}, bobKey},
		"fewer of the door, of one user": {[]Client{carl, bobLocal, bobLocal, bob}, []Client{bobLocal, bob}, bob},
		"as many: in order":              {[]Client{ann, ann, bob, bob}, []Client{bob, ann}, bob},
	} {
		t.Run(name, func(t *testing.T) {
			q := NewQueue(len(c.run)+1, 1000, 1000)
			holder := join(t, q, Client{User: "somebody"})
			for _, client := range c.run {
				join(t, q, client)
			}
			tickets := map[Client]*Ticket{}
			for _, client := range c.wait {
				tickets[client] = join(t, q, client)
				require.True(t, tickets[client].waits())
			}
			holder.Leave()
			for client, ticket := range tickets {
				require.Equal(t, client != c.want, ticket.waits(), client)
			}
		})
	}
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
	require.False(t, spare.waits())
	require.True(t, join(t, q, bob).waits())
	for _, client := range []Client{bob, bobLocal, bobKey} {
		_, err = q.Join(client)
		require.Error(t, err, "one place is left, for a user who has none")
	}
	join(t, q, carl)
	dan := Client{Door: "trino", User: "dan"}
	_, err = q.Join(dan)
	require.Equal(t, types.QueryQueueFull, types.ErrorName(err))

	running.Leave()
	spare.Leave()
	join(t, q, dan)
	slots, places := q.Counts()
	require.Equal(t, 3, slots)
	require.Equal(t, 3, places)
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
	_, places := q.Counts()
	require.Equal(t, 1, places, "the place is free")
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
		require.False(t, ticket.waits())
		ticket.Pause()
		ticket.Pause()
		slow = append(slow, ticket)
	}
	one, two, spare := join(t, q, bob), join(t, q, bob), join(t, q, carl)
	require.False(t, spare.waits())
	third := join(t, q, ann)
	ended := make(chan error)
	go func() { ended <- slow[0].Wait(context.Background()) }()
	for !slow[0].waits() {
		runtime.Gosched()
	}
	require.True(t, third.waits())
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
	require.False(t, slow[2].waits())
}

func TestLeavingTheMiddleOfALine(t *testing.T) {
	q := NewQueue(1, 10, 10_000)
	holder := join(t, q, ann)
	a, b, c := join(t, q, ann), join(t, q, ann), join(t, q, ann)
	b.Leave()
	require.True(t, c.waits())
	require.False(t, b.waits())
	holder.Leave()
	a.Leave()
	require.NoError(t, c.Wait(context.Background()))
}

// TestOneUserKeepsNobodyOut: who has all slots, and statements that wait besides, leaves others one each, as far as
// spare slots go; as those leave it gets no more than it had.
func TestOneUserKeepsNobodyOut(t *testing.T) {
	q := NewQueue(4, 10, 10_000)
	var anns []*Ticket
	for range 6 {
		anns = append(anns, join(t, q, ann))
	}
	bobs := []*Ticket{join(t, q, bob), join(t, q, bob)}
	require.False(t, bobs[0].waits())
	require.True(t, bobs[1].waits())
	last, dan := join(t, q, carl), join(t, q, Client{Door: "trino", User: "dan"})
	require.False(t, last.waits())
	require.True(t, dan.waits(), "no slot is spare")

	bobs[0].Leave()
	require.False(t, bobs[1].waits(), "nothing of bob's runs now, and bob is before dan")
	last.Leave()
	require.False(t, dan.waits())
	running, _ := q.Counts()
	require.Equal(t, 6, running)

	bobs[1].Leave()
	dan.Leave()
	require.True(t, anns[4].waits(), "ann has as many as without others")
	anns[0].Leave()
	require.False(t, anns[4].waits())
	for _, ticket := range anns {
		ticket.Leave()
	}
	require.Empty(t, q.users)
	require.Empty(t, q.clients)
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
					ticket, err := q.Join(Client{Door: "trino", User: fmt.Sprint(i), Key: fmt.Sprint(line)})
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

// TestKeysOfAUser: statements of one key of a user leave another key of that user a slot at once and places to wait; all
// keys of that user leave others theirs.
func TestKeysOfAUser(t *testing.T) {
	q := NewQueue(10, 100, 200)
	key := func(n int) Client { return Client{Door: "trino", User: "ann", Key: fmt.Sprint(n)} }
	for range 60 {
		join(t, q, key(0))
	}
	_, err := q.Join(key(0))
	require.Equal(t, types.QueryQueueFull, types.ErrorName(err))
	for n := range 2 {
		require.False(t, join(t, q, key(1+n)).waits())
	}
	refused := 0
	for n := range 100 {
		ticket, err := q.Join(key(3 + n))
		if err != nil {
			refused++
			continue
		}
		require.True(t, ticket.waits(), "the other spare slots are for other users")
	}
	require.Equal(t, 75, refused)
	require.False(t, join(t, q, bob).waits())
	for range 12 {
		require.True(t, join(t, q, bob).waits())
	}
	require.False(t, join(t, q, carl).waits())
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

// TestOpenStatementsAreBounded: also those that pause count, and no user has more than half.
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
	for _, client := range []Client{bob, bobLocal, bobKey} {
		_, err = q.Join(client)
		require.Error(t, err)
	}
	last := join(t, q, carl)
	_, err = q.Join(Client{Door: "trino", User: "dan"})
	require.ErrorContains(t, err, "0 of this user and 5 in all", "there is no more")

	for range 2 {
		last.Leave() // the second time it is nobody's place
	}
	anns[0].Leave()
	join(t, q, bob)
	join(t, q, carl)
	_, err = q.Join(ann)
	require.Error(t, err)
	running, waiting := q.Counts()
	require.Equal(t, []int{1, 1}, []int{running, waiting})
}
