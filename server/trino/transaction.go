package trino

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

// isolationLevel is the isolation of a transaction, the weakest first.
type isolationLevel uint8

const (
	readUncommitted isolationLevel = iota
	readCommitted
	repeatableRead
	serializable
)

var isolationNames = []string{"READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"}

func (l isolationLevel) String() string { return isolationNames[l] }

// isolationOf returns the level with a name, the weakest for an unknown name.
func isolationOf(name string) isolationLevel {
	return isolationLevel(max(0, slices.Index(isolationNames, name)))
}

const (
	// transactionIdle is how long a transaction without a running statement stays open.
	transactionIdle = 5 * time.Minute
	maxTransactions = 1000
)

// transaction is a client's transaction. It can only read, and each statement reads its own snapshot, so there is
// nothing to undo.
type transaction struct {
	id       string
	level    isolationLevel
	readOnly bool
	created  time.Time

	// Guarded by the transactions' mu.
	active    int       // running statements
	idleSince time.Time // when active became 0
	aborted   bool
}

// transactions are the open transactions of clients, by id.
type transactions struct {
	mu   sync.Mutex
	open map[string]*transaction // mu
}

// begin opens a transaction.
func (t *transactions) begin(level isolationLevel, readOnly bool) (*transaction, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	for id, open := range t.open {
		if open.active == 0 && now.Sub(open.idleSince) > transactionIdle {
			delete(t.open, id)
		}
	}
	if len(t.open) >= maxTransactions {
		return nil, failed("GENERIC_INSUFFICIENT_RESOURCES", fmt.Sprintf("there are %d open transactions; try again later", len(t.open)))
	}
	if t.open == nil {
		t.open = map[string]*transaction{}
	}
	started := &transaction{id: uuid.NewString(), level: level, readOnly: readOnly, created: now, idleSince: now}
	t.open[started.id] = started
	return started, nil
}

// findLocked returns an open transaction.
func (t *transactions) findLocked(id string) (*transaction, error) {
	open := t.open[id]
	if open == nil || open.active == 0 && time.Since(open.idleSince) > transactionIdle {
		delete(t.open, id)
		return nil, failed("UNKNOWN_TRANSACTION", "Unknown transaction ID: "+id+". Possibly expired? Commands ignored until end of transaction block")
	}
	return open, nil
}

// use counts a running statement in a transaction, "" for none. The caller calls leave with the statement's error.
// An error aborts the transaction, unless it is a syntax error.
func (t *transactions) use(id string, reads bool) (leave func(error), err error) {
	if id == "" {
		return func(error) {}, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	open, err := t.findLocked(id)
	if err != nil {
		return nil, err
	}
	if open.aborted {
		return nil, failed("TRANSACTION_ALREADY_ABORTED", "Current transaction is aborted, commands ignored until end of transaction block")
	}
	if reads && open.level > readCommitted {
		open.aborted = true
		return nil, failed("UNSUPPORTED_ISOLATION_LEVEL",
			fmt.Sprintf("Connector supported isolation level %s does not meet requested isolation level %s", readCommitted, open.level))
	}
	open.active++
	return func(err error) {
		t.mu.Lock()
		defer t.mu.Unlock()
		open.active--
		open.idleSince = time.Now()
		open.aborted = open.aborted || err != nil && describe(err).ErrorName != "SYNTAX_ERROR"
	}, nil
}

// end closes a transaction. A commit fails if a statement in the transaction has failed.
func (t *transactions) end(id string, commit bool) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	open, err := t.findLocked(id)
	delete(t.open, id)
	switch {
	case !commit: // there is nothing to undo, whatever the transaction's state
		return nil
	case err != nil:
		return err
	case open.aborted:
		return failed("TRANSACTION_ALREADY_ABORTED", "Current transaction has already been aborted")
	}
	return nil
}

// abort aborts the transaction in which a nested START TRANSACTION failed.
func (t *transactions) abort(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if open := t.open[id]; open != nil {
		open.aborted = true
	}
}

// list returns copies of the open transactions in the order of their start.
func (t *transactions) list() []transaction {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]transaction, 0, len(t.open))
	for _, open := range t.open {
		out = append(out, *open)
	}
	slices.SortFunc(out, func(a, b transaction) int { return a.created.Compare(b.created) })
	return out
}

// control begins or ends a transaction, and sets the statement's headers for the client's session.
func (d *Door) control(q *query) error {
	s, c := q.session, q.statement.control
	starts := c.Verb == "START TRANSACTION"
	switch {
	case starts && !s.transactions:
		return failed("INCOMPATIBLE_CLIENT", "Client does not support transactions")
	case starts && s.transaction != "":
		d.transactions.abort(s.transaction)
		return failed("NOT_SUPPORTED", "Nested transactions not supported")
	case starts:
		started, err := d.transactions.begin(isolationOf(string(c.Isolation)), c.ReadOnly)
		if err != nil {
			return err
		}
		q.statement.headers = http.Header{"X-Trino-Started-Transaction-Id": {started.id}}
		return nil
	case s.transaction == "":
		return failed("NOT_IN_TRANSACTION", "No transaction in progress")
	}
	q.statement.headers = http.Header{"X-Trino-Clear-Transaction-Id": {"true"}}
	return d.transactions.end(s.transaction, c.Verb == "COMMIT")
}
