package trino_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/server/trino"
)

// begin starts a transaction, which the client's requests are in from now on.
func (c *client) begin(sql string) {
	c.t.Helper()
	c.header.Set("X-Trino-Transaction-Id", "NONE")
	a := c.ask(sql)
	require.Nil(c.t, a.Error)
	require.Equal(c.t, "START TRANSACTION", a.UpdateType)
	c.header.Set("X-Trino-Transaction-Id", a.header.Get("X-Trino-Started-Transaction-Id"))
	require.NotEmpty(c.t, c.header.Get("X-Trino-Transaction-Id"))
}

func (c *client) fails(sql, name, message string) answer {
	c.t.Helper()
	a := c.ask(sql)
	require.NotNil(c.t, a.Error, sql)
	require.Equal(c.t, name, a.Error.ErrorName)
	require.Contains(c.t, a.Error.Message, message)
	return a
}

func TestTransactions(t *testing.T) {
	c := newClient(t, trino.Options{})
	for _, start := range []string{
		"START TRANSACTION", "start transaction isolation level read committed, read only;",
		"START TRANSACTION READ WRITE, ISOLATION LEVEL READ UNCOMMITTED",
	} {
		for end, updateType := range map[string]string{"COMMIT": "COMMIT", "ROLLBACK WORK;": "ROLLBACK"} {
			c.begin(start)
			require.Equal(t, [][]any{{0.0}}, c.ask("SELECT count(*) FROM main").Data)
			require.Equal(t, "USE", c.ask("USE default").UpdateType)
			a := c.ask(end)
			require.Nil(t, a.Error)
			require.Equal(t, updateType, a.UpdateType)
			require.Equal(t, "true", a.header.Get("X-Trino-Clear-Transaction-Id"))
			c.fails("SELECT 1", "UNKNOWN_TRANSACTION", "Possibly expired?")
		}
	}
}

func TestTransactionErrors(t *testing.T) {
	c := newClient(t, trino.Options{})
	c.fails("START TRANSACTION", "INCOMPATIBLE_CLIENT", "Client does not support transactions")
	c.header.Set("X-Trino-Transaction-Id", "NONE")
	c.fails("COMMIT", "NOT_IN_TRANSACTION", "No transaction in progress")
	c.fails("ROLLBACK", "NOT_IN_TRANSACTION", "No transaction in progress")
	c.fails("START TRANSACTION ISOLATION", "SYNTAX_ERROR", "line 1:28: mismatched input '<EOF>'")
	c.fails("START TRANSACTION READ", "SYNTAX_ERROR", "Expecting: 'ONLY', 'WRITE'")
	c.fails("START TRANSACTION READ ONLY, READ WRITE", "SYNTAX_ERROR", "line 1:1: Multiple transaction read modes specified")
	c.fails("START TRANSACTION ISOLATION LEVEL SERIALIZABLE, ISOLATION LEVEL SERIALIZABLE", "SYNTAX_ERROR", "Multiple transaction isolation levels specified")

	t.Run("nested", func(t *testing.T) {
		c.begin("START TRANSACTION")
		c.fails("START TRANSACTION", "NOT_SUPPORTED", "Nested transactions not supported")
		c.fails("SELECT 1", "TRANSACTION_ALREADY_ABORTED", "commands ignored until end of transaction block")
	})
	t.Run("after a failure", func(t *testing.T) {
		c.begin("START TRANSACTION")
		c.fails("SELEC 1", "SYNTAX_ERROR", "mismatched input 'SELEC'")
		require.Equal(t, [][]any{{1.0}}, c.ask("SELECT 1").Data, "what is no statement aborts nothing")
		c.fails("SELECT nope", "COLUMN_NOT_FOUND", "nope")
		c.fails("SELECT 1", "TRANSACTION_ALREADY_ABORTED", "Current transaction is aborted")
		a := c.fails("COMMIT", "TRANSACTION_ALREADY_ABORTED", "Current transaction has already been aborted")
		require.Equal(t, "true", a.header.Get("X-Trino-Clear-Transaction-Id"))
		c.begin("START TRANSACTION")
		c.fails("SELECT 1 / (x - x) FROM UNNEST(ARRAY[1]) t (x)", "DIVISION_BY_ZERO", "")
		require.Nil(t, c.ask("ROLLBACK").Error)
		c.begin("START TRANSACTION")
		c.fails("USE elsewhere", "SCHEMA_NOT_FOUND", "")
		c.fails("SELECT 1", "TRANSACTION_ALREADY_ABORTED", "Current transaction is aborted")
	})
	t.Run("more than there is", func(t *testing.T) {
		c.begin("START TRANSACTION ISOLATION LEVEL REPEATABLE READ")
		c.fails("SELECT count(*) FROM main", "UNSUPPORTED_ISOLATION_LEVEL",
			"Connector supported isolation level READ COMMITTED does not meet requested isolation level REPEATABLE READ")
	})
	t.Run("no id", func(t *testing.T) {
		c.header.Set("X-Trino-Transaction-Id", "7")
		status, _, _ := c.request(http.MethodPost, c.url+"/v1/statement", "SELECT 1")
		require.Equal(t, http.StatusBadRequest, status)
	})
	t.Run("too many", func(t *testing.T) {
		c.header.Set("X-Trino-Transaction-Id", "NONE")
		for range 1000 {
			if c.ask("START TRANSACTION").Error != nil {
				break
			}
		}
		c.fails("START TRANSACTION", "GENERIC_INSUFFICIENT_RESOURCES", "open transactions")
	})
}
