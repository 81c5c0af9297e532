package server

import (
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// crowd opens connections at a time that it moves.
type crowd struct {
	t   *testing.T
	all *connections
	now time.Time
}

func newCrowd(t *testing.T, limit int) *crowd {
	c := &crowd{t: t, now: time.Unix(0, 0)}
	c.all = newConnections(limit, func() time.Time { return c.now })
	return c
}

// try opens a connection from an address; nil: it waits.
func (c *crowd) try(address string) (opened *connection, closed []*connection) {
	ip := net.ParseIP(address)
	require.NotNil(c.t, ip)
	conn := &connection{all: c.all, at: c.now, from: addressOf(&net.TCPAddr{IP: ip})}
	closed, isIn, _ := c.all.admit(conn)
	if !isIn {
		return nil, nil
	}
	return conn, closed
}

func (c *crowd) open(address string) (*connection, []*connection) {
	c.t.Helper()
	conn, closed := c.try(address)
	require.NotNil(c.t, conn)
	return conn, closed
}

func (c *crowd) later() { c.now = c.now.Add(graceTime) }

func (c *connection) becomes(state http.ConnState) { c.all.changed(c, state) }

// TestUnknownConnectionsGiveWay: at the limit, the unknown connection that has waited for its client for longest is closed
// for a new one, whatever it waits for; none is on which a request is worked, that is known, or that is new.
func TestUnknownConnectionsGiveWay(t *testing.T) {
	c := newCrowd(t, 5)
	known, _ := c.open("192.0.2.1")
	known.identify()
	known.becomes(http.StateActive)
	worked, _ := c.open("192.0.2.1")
	worked.becomes(http.StateActive)
	worked.beginWork()
	silent, _ := c.open("192.0.2.1")
	slowBody, _ := c.open("192.0.2.1")
	slowBody.becomes(http.StateActive)
	slowReader, _ := c.open("192.0.2.1")
	slowReader.becomes(http.StateActive)
	slowReader.beginWork()
	slowReader.noteWrite(1)
	waits, _ := c.try("192.0.2.1")
	require.Nil(t, waits, "all have just come")

	c.later()
	for _, next := range []*connection{silent, slowBody, slowReader} {
		_, closed := c.open("192.0.2.2")
		require.Equal(t, []*connection{next}, closed)
	}
	waits, _ = c.try("192.0.2.3")
	require.Nil(t, waits, "three have just come, one is worked for, one is known")
	worked.becomes(http.StateIdle)
	_, closed := c.open("192.0.2.3")
	require.Equal(t, []*connection{worked}, closed, "its answer is sent")
}

// TestIdleKnownConnectionsGiveWay: of known connections only idle ones are closed, and unknown ones before them.
func TestIdleKnownConnectionsGiveWay(t *testing.T) {
	c := newCrowd(t, 3)
	var known []*connection
	for range 2 {
		conn, _ := c.open("192.0.2.1")
		conn.identify()
		conn.becomes(http.StateActive)
		known = append(known, conn)
	}
	stranger, _ := c.open("192.0.2.1")
	known[1].becomes(http.StateIdle)
	known[0].becomes(http.StateIdle)
	waits, _ := c.try("192.0.2.1")
	require.Nil(t, waits, "the stranger has just come")
	c.later()
	for _, next := range []*connection{stranger, known[1], known[0]} {
		conn, closed := c.open("192.0.2.1")
		require.Equal(t, []*connection{next}, closed)
		conn.identify()
		conn.becomes(http.StateActive)
	}
	waits, _ = c.try("192.0.2.1")
	require.Nil(t, waits)
}

// TestAddressWithMostGivesWay: a few connections of one address stay beside many of another, and no address has more than
// its share of unknown ones that wait.
func TestAddressWithMostGivesWay(t *testing.T) {
	c := newCrowd(t, 40)
	few, _ := c.open("192.0.2.1")
	c.later()
	opened := map[*connection]bool{}
	for range 100 {
		conn, closed := c.open("192.0.2.2")
		opened[conn] = true
		for _, gone := range closed {
			require.NotSame(t, few, gone)
			delete(opened, gone)
		}
		c.later()
	}
	require.Len(t, opened, minPerAddress)
	require.Equal(t, minPerAddress, c.all.unknownOf[addressOf(&net.TCPAddr{IP: net.ParseIP("192.0.2.2")})])
	for conn := range opened {
		conn.identify()
	}
	_, closed := c.open("192.0.2.2")
	require.Empty(t, closed, "known ones do not count")
	for range 21 {
		_, closed := c.open("192.0.2.3")
		require.Empty(t, closed, "new ones may be more")
	}
	c.later()
	_, closed = c.open("192.0.2.3")
	require.Len(t, closed, 2, "and come down")
}

// TestAddressesOfANetwork: a client that has a network of IPv6 counts as one, as does one whose IPv4 address is mapped.
func TestAddressesOfANetwork(t *testing.T) {
	at := func(text string) string { return addressOf(&net.TCPAddr{IP: net.ParseIP(text)}).String() }
	require.Equal(t, "2001:db8:1:2::/64", at("2001:db8:1:2:3:4:5:6"))
	require.Equal(t, "192.0.2.1/32", at("::ffff:192.0.2.1"))
	require.Equal(t, "invalid Prefix", addressOf(&net.UnixAddr{}).String())
}

// TestConnectionsFollowOpenFiles: connections leave most of a process's files for segments, logs and sockets.
func TestConnectionsFollowOpenFiles(t *testing.T) {
	for openFiles, want := range map[uint64]int{0: 8, 16: 8, 64: 16, 1024: 256, 4000: 1000, 1 << 20: 1000, ^uint64(0): 1000} {
		require.Equal(t, want, connectionsFor(openFiles), openFiles)
	}
	require.Positive(t, defaultConnections())
}
