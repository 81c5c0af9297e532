package engine_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/enginetest/clock"
)

func readsAll(*engine.QueryInfo) bool { return true }

// receiptLake is a lake with a store, and a result that is kept.
type receiptLake struct {
	*testing.T
	dir   string
	clock *clock.Clock
	lake  *engine.Lake
	query string
}

func newReceiptLake(t *testing.T) *receiptLake {
	l := &receiptLake{T: t, dir: t.TempDir(), clock: clock.New(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))}
	l.open()
	_, err := l.lake.Stores().Create(context.Background(), engine.StoreOptions{Name: "main", RetentionDays: 3653})
	require.NoError(t, err)
	_, err = l.lake.Imports().Run(context.Background(), engine.ImportOptions{Store: "main", Paths: []string{filepath.Join("..", "testdata", "logs")}})
	require.NoError(t, err)
	l.query = l.keep("SELECT eventname, count(*) AS n FROM main WHERE eventname <> ? GROUP BY 1 ORDER BY 1", engine.Arguments("'<none>'"))
	return l
}

func (l *receiptLake) open() {
	l.Helper()
	var err error
	l.lake, err = engine.Open(context.Background(), l.dir, engine.Options{Now: l.clock.Now})
	require.NoError(l, err)
	l.Cleanup(func() { _ = l.lake.Close() })
}

func (l *receiptLake) reopen() {
	l.Helper()
	require.NoError(l, l.lake.Close())
	l.open()
}

func (l *receiptLake) keep(sql string, options ...engine.QueryOption) (id string) {
	l.Helper()
	rows, err := l.lake.Query(context.Background(), sql, append(options, engine.KeepResult(), engine.User("arn:ann"))...)
	require.NoError(l, err)
	for rows.Next() {
	}
	require.NoError(l, rows.Err())
	require.NoError(l, rows.Close())
	return rows.Query().ID()
}

func (l *receiptLake) issue() []byte {
	l.Helper()
	text, err := l.lake.IssueReceipt(context.Background(), l.query, "arn:bob")
	require.NoError(l, err)
	return text
}

func (l *receiptLake) check(text []byte, keys ...string) *engine.CheckedReceipt {
	l.Helper()
	checked, err := l.lake.CheckReceipt(context.Background(), text, keys, readsAll)
	require.NoError(l, err)
	return checked
}

// TestReceipt: it says what was asked and what was read, and proves that with and without the lake, in the next process too, and when the lake has gone on.
func TestReceipt(t *testing.T) {
	l := newReceiptLake(t)
	chain, err := l.lake.Chain(context.Background())
	require.NoError(t, err)
	text := l.issue()
	checked := l.check(text)
	r := checked.Receipt
	require.True(t, checked.IsSound())
	require.Equal(t, engine.KeptRowsSame, checked.Rows)
	require.Equal(t, l.query, r.QueryID)
	require.Equal(t, "SELECT eventname, count(*) AS n FROM main WHERE eventname <> ? GROUP BY 1 ORDER BY 1", r.Statement)
	require.Equal(t, []string{"'<none>'"}, r.Arguments)
	require.Equal(t, [2]string{"arn:ann", "arn:bob"}, [2]string{r.Asker, r.IssuedTo})
	require.Equal(t, [2]any{chain.Entries, chain.Head}, [2]any{r.ChainEntries, r.ChainHead})
	require.Equal(t, [2]string{"eventname", "n"}, [2]string{r.Columns[0].Name, r.Columns[1].Name})
	require.Equal(t, l.clock.Now(), r.Instant)
	require.Len(t, r.StoreIDs, 1)

	without, err := engine.CheckReceiptSignature(text, []string{chain.PublicKey})
	require.NoError(t, err)
	require.True(t, without.IsSigned && without.IsTrusted)
	without, err = engine.CheckReceiptSignature(text, nil)
	require.NoError(t, err)
	require.True(t, without.IsSigned)
	require.False(t, without.IsTrusted, "anybody has a key")

	_, err = l.lake.Stores().Create(context.Background(), engine.StoreOptions{Name: "later", RetentionDays: 90})
	require.NoError(t, err)
	l.reopen()
	require.True(t, l.check(text, chain.PublicKey).IsSound(), "the chain has gone on")
	unread, err := l.lake.CheckReceipt(context.Background(), text, nil, func(*engine.QueryInfo) bool { return false })
	require.NoError(t, err)
	require.Equal(t, engine.KeptRowsUnchecked, unread.Rows)
	l.clock.Pass(8 * 24 * time.Hour)
	l.reopen()
	gone := l.check(text)
	require.True(t, gone.IsSound())
	require.Equal(t, engine.KeptRowsGone, gone.Rows)
}

// TestForgedReceipts: what was changed in a receipt, in the rows, or comes from another lake, is noticed.
func TestForgedReceipts(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	l := newReceiptLake(t)
	text := l.issue()
	var indented bytes.Buffer
	require.NoError(t, json.Compact(&indented, text))
	require.True(t, l.check(indented.Bytes()).IsSound(), "white space means nothing")

	changed := l.check(bytes.Replace(text, []byte("eventname, count"), []byte("eventname, COUNT"), 1))
	require.False(t, changed.IsSigned || changed.IsTrusted || changed.IsSound())

	other := newReceiptLake(t)
	foreign := l.check(other.issue())
	require.True(t, foreign.IsSigned)
	require.False(t, foreign.IsTrusted || foreign.IsInChain || foreign.IsSound())
	_, err := l.lake.CheckReceipt(context.Background(), text, []string{"x"}, readsAll)
	require.ErrorIs(t, err, engine.ErrInvalidParameter)
	_, err = l.lake.CheckReceipt(context.Background(), []byte("{}"), nil, readsAll)
	require.ErrorIs(t, err, engine.ErrReceiptFormat)

	second := l.keep("SELECT 1 AS x")
	path := func(id string) string { return filepath.Join(l.dir, "results", id+".result") }
	rows, err := os.ReadFile(path(second))
	require.NoError(t, err)
	rows = bytes.ReplaceAll(rows, []byte(second), []byte(l.query))
	for _, forged := range []struct {
		name string
		rows []byte
	}{{"the checksums are wrong", rows}, {"the checksums are right", withChecksums(rows)}} {
		t.Run(forged.name, func(t *testing.T) {
			require.NoError(t, l.lake.Close())
			require.NoError(t, os.WriteFile(path(l.query), forged.rows, 0o600))
			l.open()
			differ := l.check(text)
			require.Equal(t, engine.KeptRowsDiffer, differ.Rows)
			require.False(t, differ.IsSound())
		})
	}
}

// withChecksums makes the checksums of a kept result's index and trailer anew, see docs/formats/spool.md.
func withChecksums(file []byte) []byte {
	out := bytes.Clone(file)
	trailer := out[len(out)-32:]
	index := out[binary.LittleEndian.Uint64(trailer) : len(out)-32]
	table := crc32.MakeTable(crc32.Castagnoli)
	binary.LittleEndian.PutUint32(trailer[20:], crc32.Checksum(index, table))
	binary.LittleEndian.PutUint32(trailer[24:], crc32.Checksum(trailer[:24], table))
	return out
}

// TestNoReceipt: of what was not kept there is none, nor in a lake that signs nothing.
func TestNoReceipt(t *testing.T) {
	l := newReceiptLake(t)
	ctx := context.Background()
	rows, err := l.lake.Query(ctx, "SELECT 1")
	require.NoError(t, err)
	require.NoError(t, rows.Close())
	_, err = l.lake.IssueReceipt(ctx, rows.Query().ID(), "")
	require.ErrorIs(t, err, engine.ErrResultNotKept)
	_, err = l.lake.IssueReceipt(ctx, "00000000-0000-0000-0000-000000000000", "")
	require.ErrorIs(t, err, engine.ErrQueryNotFound)

	text := l.issue()
	require.NoError(t, l.lake.Close())
	l.lake, err = engine.Open(ctx, l.dir, engine.Options{Now: l.clock.Now, ReadOnly: true})
	require.NoError(t, err)
	require.True(t, l.check(text).IsSound())
	_, err = l.lake.IssueReceipt(ctx, l.query, "")
	require.ErrorIs(t, err, engine.ErrReadOnly)
}
