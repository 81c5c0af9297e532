package server

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// connections limits the open connections of all listeners. At the limit, a new connection replaces another one,
// see victimLocked. If none can be closed, the new one waits.
//
// A connection is unknown until a door has authenticated a request on it (Identify). A connection waits for its
// client unless the server works on a request that has arrived. Unknown connections that wait for their clients
// never outrank a new one, so callers without a key cannot shut others out, however slowly they send. A new
// connection has graceTime to send its request, however many follow it.
type connections struct {
	limit, perAddress int
	now               func() time.Time

	mu        sync.Mutex
	open      map[*connection]struct{} // mu
	unknownOf map[netip.Prefix]int     // mu: unknown ones by address
	clock     uint64                   // mu: counts events, for connection.since
	ending    bool                     // mu
	// freed is closed when a connection is closed or begins to wait for its client; nil: no new connection waits
	// for that.
	freed chan struct{} // mu
}

const (
	// The unknown connections of one address may be 1/perAddressShare of all. The limit applies after their
	// graceTime.
	perAddressShare = 4
	// minPerAddress is how many unknown connections an address may have whatever the limit.
	minPerAddress = 16
	graceTime     = 300 * time.Millisecond
)

func newConnections(limit int, now func() time.Time) *connections {
	return &connections{
		limit: limit, perAddress: max(limit/perAddressShare, minPerAddress), now: now, open: map[*connection]struct{}{}, unknownOf: map[netip.Prefix]int{},
	}
}

// connection is one open connection. connections.mu guards what changes.
type connection struct {
	net.Conn
	all  *connections
	from netip.Prefix // the address that connections are counted by
	at   time.Time    // when it was accepted

	isKnown  bool           // a request on it was authenticated
	state    http.ConnState // as net/http last reported it
	requests int            // that have fully arrived and are not answered
	writing  int            // writes in progress: the client is slow to read if one lasts
	refused  bool           // the next answer is the last
	since    uint64         // when it began to wait for its client, by connections.clock
}

// waitsForClient reports whether the server can do nothing for the connection until its client acts.
func (c *connection) waitsForClient() bool { return c.requests == 0 || c.writing > 0 }

// isDone reports whether all requests of the connection are answered.
func (c *connection) isDone() bool { return c.state == http.StateIdle || c.refused && c.requests == 0 }

// isNew reports whether the client still has time to send its first request.
func (c *connection) isNew() bool { return !c.isDone() && c.all.now().Sub(c.at) < graceTime }

// listen returns a listener whose connections are counted.
func (c *connections) listen(listener net.Listener) net.Listener {
	return &limitedListener{Listener: listener, connections: c, closed: make(chan struct{})}
}

// admit adds an accepted connection, and returns the connections to close for it. It returns false while every open
// connection must stay open: the caller tries again when freed is closed, and after graceTime.
func (c *connections) admit(conn *connection) (closed []*connection, isIn bool, freed <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.open) >= c.limit {
		victim := c.victimLocked()
		if victim == nil {
			if c.freed == nil {
				c.freed = make(chan struct{})
			}
			return nil, false, c.freed
		}
		c.removeLocked(victim)
		closed = append(closed, victim)
	}
	// Two rounds shrink an address that went over its limit while its connections were new.
	for range 2 {
		if c.unknownOf[conn.from] < c.perAddress {
			break
		}
		if victim := c.oldestLocked(func(o *connection) bool { return o.mayGiveWay() && o.from == conn.from }); victim != nil {
			c.removeLocked(victim)
			closed = append(closed, victim)
		}
	}
	c.open[conn] = struct{}{}
	c.unknownOf[conn.from]++
	c.waitLocked(conn)
	return closed, true, nil
}

// mayGiveWay reports whether the connection may be closed for any new one.
func (c *connection) mayGiveWay() bool { return !c.isKnown && c.waitsForClient() && !c.isNew() }

// victimLocked returns the connection to close for a new one: one that may give way, of the address with most of
// those. If none ever will, it is an idle one. nil: there is none yet.
func (c *connections) victimLocked() *connection {
	count, most, willBe := map[netip.Prefix]int{}, netip.Prefix{}, false
	for o := range c.open {
		willBe = willBe || !o.isKnown && o.waitsForClient()
		if o.mayGiveWay() {
			if count[o.from]++; count[o.from] > count[most] {
				most = o.from
			}
		}
	}
	if willBe {
		return c.oldestLocked(func(o *connection) bool { return o.mayGiveWay() && o.from == most })
	}
	return c.oldestLocked(func(o *connection) bool { return o.state == http.StateIdle })
}

// oldestLocked returns the connection, among those that may accepts, that has waited longest for its client; nil:
// none. Answered connections come first, since another may have sent a request that is not read yet.
func (c *connections) oldestLocked(may func(*connection) bool) (oldest *connection) {
	for o := range c.open {
		switch {
		case !may(o):
		case oldest == nil, o.isDone() && !oldest.isDone(), o.isDone() == oldest.isDone() && o.since < oldest.since:
			oldest = o
		}
	}
	return oldest
}

// waitLocked notes that a connection begins to wait for its client.
func (c *connections) waitLocked(conn *connection) {
	c.clock++
	conn.since = c.clock
	c.freeLocked()
}

// freeLocked wakes the new connections that wait for room.
func (c *connections) freeLocked() {
	if c.freed != nil {
		close(c.freed)
		c.freed = nil
	}
}

// removeLocked removes a connection from the open ones.
func (c *connections) removeLocked(conn *connection) {
	if _, isOpen := c.open[conn]; !isOpen {
		return
	}
	delete(c.open, conn)
	if !conn.isKnown {
		c.forgetUnknownLocked(conn)
	}
	c.freeLocked()
}

func (c *connections) forgetUnknownLocked(conn *connection) {
	if c.unknownOf[conn.from]--; c.unknownOf[conn.from] == 0 {
		delete(c.unknownOf, conn.from)
	}
}

// changed has the form of http.Server's ConnState.
func (c *connections) changed(of net.Conn, state http.ConnState) {
	conn := connectionOf(of)
	if conn == nil {
		return
	}
	c.mu.Lock()
	conn.state = state
	if state == http.StateIdle {
		conn.requests = 0
		c.waitLocked(conn)
	}
	closes := state == http.StateNew && c.ending
	c.mu.Unlock()
	if closes {
		of.Close()
	}
}

// connectionOf returns the connection behind one of net/http, nil for one of another listener.
func connectionOf(of net.Conn) *connection {
	if over, isTLS := of.(interface{ NetConn() net.Conn }); isTLS {
		of = over.NetConn()
	}
	conn, _ := of.(*connection)
	return conn
}

// end closes the connections without a first request, now and later. Browsers open such connections in advance, and
// a stopping server would wait for them as for requests.
func (c *connections) end() {
	c.mu.Lock()
	c.ending = true
	var silent []*connection
	for conn := range c.open {
		if conn.state == http.StateNew {
			silent = append(silent, conn)
		}
	}
	c.mu.Unlock()
	for _, conn := range silent {
		conn.Close()
	}
}

type connectionKey struct{}

// withConnection has the form of http.Server's ConnContext.
func withConnection(ctx context.Context, of net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, connectionOf(of))
}

// identify notes that a request on the connection was authenticated.
func (c *connection) identify() {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	if c.isKnown {
		return
	}
	c.isKnown = true
	if _, isOpen := c.all.open[c]; isOpen {
		c.all.forgetUnknownLocked(c)
	}
}

// beginWork notes that a whole request has arrived.
func (c *connection) beginWork() {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	c.requests++
}

// endWork undoes beginWork, for a connection with concurrent requests. For other connections net/http reports when
// the answer is sent, see changed.
func (c *connection) endWork() {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	if c.requests--; c.requests <= 0 {
		c.requests = 0
		c.all.waitLocked(c)
	}
}

// refuse notes that the connection is closed after the next answer.
func (c *connection) refuse() {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	c.refused = true
}

// Write implements net.Conn.
func (c *connection) Write(p []byte) (int, error) {
	c.noteWrite(1)
	n, err := c.Conn.Write(p)
	c.noteWrite(-1)
	return n, err
}

func (c *connection) noteWrite(change int) {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	c.writing += change
	switch {
	case change < 0 && c.refused: // the answer is sent, and nothing else follows
		c.requests = 0
		c.all.waitLocked(c)
	case change > 0:
		c.all.waitLocked(c)
	}
}

// Close implements net.Conn. It makes room for another connection.
func (c *connection) Close() error {
	c.all.mu.Lock()
	c.all.removeLocked(c)
	c.all.mu.Unlock()
	return c.Conn.Close()
}

// CloseWrite signals the end of the answer to the client. net/http calls it before it closes a connection whose
// request it has not read to the end.
func (c *connection) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// limitedListener accepts connections within the limit.
type limitedListener struct {
	net.Listener
	connections *connections
	closeOnce   sync.Once
	closed      chan struct{}
}

// Accept implements net.Listener. It accepts a connection first and then waits for room, so that another connection
// is closed only when its room is needed.
func (l *limitedListener) Accept() (net.Conn, error) {
	accepted, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	conn := &connection{Conn: accepted, all: l.connections, from: addressOf(accepted.RemoteAddr())}
	for {
		conn.at = l.connections.now()
		closed, isIn, freed := l.connections.admit(conn)
		for _, victim := range closed {
			victim.Conn.Close()
		}
		if isIn {
			return conn, nil
		}
		select {
		case <-freed:
		case <-time.After(graceTime):
		case <-l.closed:
			accepted.Close()
			return nil, net.ErrClosed
		}
	}
}

// Close implements net.Listener.
func (l *limitedListener) Close() error {
	l.closeOnce.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// addressOf returns the prefix that connections of an address are counted by: an IPv4 address itself, or the /64
// network of an IPv6 address, because one client may own all of it.
func addressOf(at net.Addr) netip.Prefix {
	tcp, ok := at.(*net.TCPAddr)
	if !ok {
		return netip.Prefix{}
	}
	ip := tcp.AddrPort().Addr().Unmap()
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	from, err := ip.WithZone("").Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return from
}
