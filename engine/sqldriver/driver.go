// Package sqldriver lets database/sql read a lake:
//
//	import _ "github.com/auditlake/auditlake/engine/sqldriver"
//	db, err := sql.Open("auditlake", "/path/of/the/lake")
//
// The connections of one sql.DB share the lake, which the first connection opens and Close of the DB closes. If the
// program auditlake holds the lake, its process answers instead. Only queries are possible. What SET TIME ZONE,
// PREPARE and the like change lasts for one connection, a sql.Conn.
//
// A question mark in a statement is the place of a parameter. Its value may be:
//   - nil, a bool, an integer, a float, a string, or []byte (varbinary)
//   - time.Time (a timestamp with time zone, which counts as UTC beside eventtime) or time.Duration (an interval)
//   - *big.Int, uuid.UUID, netip.Addr, net.IP, or json.RawMessage
//   - a slice or array (array), a map (map), or a struct (row)
//   - a pointer to one of these, or a driver.Valuer
//
// Values come as bool, int64, float64, string, []byte and time.Time (in UTC); all other types come as the text
// engine/answer writes.
package sqldriver

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/remote"
	"github.com/auditlake/auditlake/engine/socket"
)

func init() { sql.Register("auditlake", lakeDriver{}) }

var errReadOnly = errors.New("auditlake: only queries are possible")

type lakeDriver struct{}

// Open implements driver.Driver. database/sql uses OpenConnector instead.
func (d lakeDriver) Open(dir string) (driver.Conn, error) {
	c, err := d.OpenConnector(dir)
	if err != nil {
		return nil, err
	}
	return c.Connect(context.Background())
}

// OpenConnector implements driver.DriverContext.
func (d lakeDriver) OpenConnector(dir string) (driver.Connector, error) {
	return &connector{dir: dir}, nil
}

// connector opens the lake once for all connections.
type connector struct {
	dir string

	mu   sync.Mutex
	lake remote.Asked // mu; nil until the first connection, and after its holder has ended
}

// Connect implements driver.Connector.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lake == nil {
		lake, err := remote.Open(ctx, c.dir, engine.Options{MustExist: true}, remote.Options{})
		if err != nil {
			return nil, err
		}
		c.lake = lake
	}
	return &conn{connector: c, lake: c.lake, session: remote.NewSession(c.lake)}, nil
}

// forget lets the next connection open the lake again, after the holder has ended.
func (c *connector) forget(lake remote.Asked) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lake == lake {
		c.lake = nil
		_ = lake.Close() // nothing is left of it
	}
}

// Driver implements driver.Connector.
func (c *connector) Driver() driver.Driver { return lakeDriver{} }

// Close implements io.Closer; sql.DB calls it when it is closed.
func (c *connector) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lake == nil {
		return nil
	}
	lake := c.lake
	c.lake = nil
	return lake.Close()
}

// conn is a session: PREPARE, SET TIME ZONE and their like last as long as it does.
type conn struct {
	connector *connector
	lake      remote.Asked
	session   *remote.Session
}

// QueryContext implements driver.QueryerContext.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	arguments := make([]string, len(args))
	for i, arg := range args {
		if arg.Name != "" {
			return nil, fmt.Errorf("auditlake: the parameter %s is named, and statements have question marks only", arg.Name)
		}
		text, err := literal(arg.Value)
		if err != nil {
			return nil, fmt.Errorf("auditlake: parameter %d: %w", arg.Ordinal, err)
		}
		arguments[i] = text
	}
	answer, err := c.ask(ctx, query, arguments)
	if errors.Is(err, socket.ErrHolderEnded) || errors.Is(err, socket.ErrNoHolder) {
		c.connector.forget(c.lake)
		return nil, driver.ErrBadConn // database/sql asks again on a new connection
	}
	if err != nil {
		return nil, err
	}
	return &rows{answer: answer}, nil
}

// ask runs a statement, and waits for the first rows of another process.
func (c *conn) ask(ctx context.Context, query string, arguments []string) (remote.Rows, error) {
	answer, err := c.session.Query(ctx, remote.Statement{SQL: query, Arguments: arguments, Door: "driver"})
	if far, ok := answer.(*remote.Answer); ok {
		if err := far.Ready(); err != nil {
			return nil, errors.Join(err, far.Close())
		}
	}
	return answer, err
}

// CheckNamedValue implements driver.NamedValueChecker: it lets any value through that has a Trino type.
func (c *conn) CheckNamedValue(value *driver.NamedValue) error {
	_, err := literal(value.Value)
	return err
}

// Prepare implements driver.Conn.
func (c *conn) Prepare(query string) (driver.Stmt, error) { return &stmt{conn: c, query: query}, nil }

// Begin implements driver.Conn.
func (c *conn) Begin() (driver.Tx, error) { return nil, errReadOnly }

// Close implements driver.Conn; the lake stays open for the others.
func (c *conn) Close() error { return nil }

type stmt struct {
	conn  *conn
	query string
}

func (s *stmt) Close() error                               { return nil }
func (s *stmt) NumInput() int                              { return -1 } // the lake counts them
func (s *stmt) Exec([]driver.Value) (driver.Result, error) { return nil, errReadOnly }
func (s *stmt) Query(values []driver.Value) (driver.Rows, error) {
	args := make([]driver.NamedValue, len(values))
	for i, v := range values {
		args[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return s.QueryContext(context.Background(), args)
}

// QueryContext implements driver.StmtQueryContext.
func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return s.conn.QueryContext(ctx, s.query, args)
}
