package server

import (
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
)

// connections bounds how many connections of all listeners are open. One more waits
// until another is closed. Meanwhile a connection that has no request is closed.
type connections struct {
	room chan struct{} // holds an element for each open connection

	mu      sync.Mutex
	idle    []net.Conn            // mu; have no request, the longest first
	waiting int                   // mu; accepted connections that wait for room
	silent  map[net.Conn]struct{} // mu; have not sent their first request yet
	ending  bool                  // mu
}

func newConnections(limit int) *connections {
	return &connections{room: make(chan struct{}, limit), silent: map[net.Conn]struct{}{}}
}

// limit returns a listener whose connections count.
func (c *connections) limit(listener net.Listener) net.Listener {
	return &limitedListener{Listener: listener, connections: c, closed: make(chan struct{})}
}

// changed has the form of http.Server's ConnState.
func (c *connections) changed(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	c.forgetIdleLocked(conn)
	delete(c.silent, conn)
	closes := state == http.StateIdle && c.waiting > 0 || state == http.StateNew && c.ending
	switch {
	case closes:
	case state == http.StateIdle:
		c.idle = append(c.idle, conn)
	case state == http.StateNew:
		c.silent[conn] = struct{}{}
	}
	c.mu.Unlock()
	if closes {
		conn.Close()
	}
}

// end closes the connections that have not sent their first request, and those that come yet. Browsers open such ahead, and a
// server that stops would wait for them as if they had asked something.
func (c *connections) end() {
	c.mu.Lock()
	c.ending = true
	silent := slices.Collect(maps.Keys(c.silent))
	c.mu.Unlock()
	for _, conn := range silent {
		conn.Close()
	}
}

func (c *connections) forgetIdleLocked(conn net.Conn) {
	for i, idle := range c.idle {
		if idle == conn {
			c.idle = append(c.idle[:i], c.idle[i+1:]...)
			return
		}
	}
}

// beginWait counts a connection that waits for room, and closes the one that has
// been idle for longest.
func (c *connections) beginWait() {
	c.mu.Lock()
	c.waiting++
	var longest net.Conn
	if len(c.idle) > 0 {
		longest, c.idle = c.idle[0], c.idle[1:]
	}
	c.mu.Unlock()
	if longest != nil {
		longest.Close()
	}
}

func (c *connections) endWait() {
	c.mu.Lock()
	c.waiting--
	c.mu.Unlock()
}

// leave gives the room of one connection back.
func (c *connections) leave() { <-c.room }

// limitedListener accepts a connection when there is room for it.
type limitedListener struct {
	net.Listener
	connections *connections
	closeOnce   sync.Once
	closed      chan struct{}
}

// Accept implements net.Listener. A connection is accepted first and then waits for
// room, so that an idle one is closed only when its room is needed.
func (l *limitedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	select {
	case l.connections.room <- struct{}{}:
	default:
		if err := l.waitForRoom(); err != nil {
			conn.Close()
			return nil, err
		}
	}
	return &countedConn{Conn: conn, leave: l.connections.leave}, nil
}

func (l *limitedListener) waitForRoom() error {
	l.connections.beginWait()
	defer l.connections.endWait()
	select {
	case l.connections.room <- struct{}{}:
		return nil
	case <-l.closed:
		return net.ErrClosed
	}
}

// Close implements net.Listener.
func (l *limitedListener) Close() error {
	l.closeOnce.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// countedConn gives its room back when it is closed.
type countedConn struct {
	net.Conn
	once  sync.Once
	leave func()
}

// Close implements net.Conn.
func (c *countedConn) Close() error {
	err := c.Conn.Close()
	c.once.Do(c.leave)
	return err
}
