package query

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
)

// TestBatchLongerThanATransaction: it is written in several, and what was used counts once.
func TestBatchLongerThanATransaction(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine does it all; the unit stage runs it")
	}
	data, err := storage.Open(context.Background(), t.TempDir(), storage.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, data.Close()) }()
	b, ids, text := newBatchOfHistory(), []string{}, strings.Repeat("é", maxTextCharacters)
	for range 2500 {
		q := &catalog.Query{ID: uuid.NewString(), SQL: text, Status: catalog.QueryFinished, CreatedAt: time.Now()}
		ids = append(ids, q.ID)
		b.addQuery(q)
	}
	const store = "3f2c1c5e-aaaa-4e1b-9c58-1f0d2a7b4c11"
	day := catalog.DayOf(time.Now().UnixMilli())
	b.addUsage(catalog.Usage{StoreID: store, Day: day, ScannedBytes: 7, Queries: 1})
	h := &history{lake: data}
	require.NoError(t, h.write(b))
	require.NoError(t, data.Catalog().View(func(tx *catalog.Tx) error {
		for _, id := range ids {
			_, err := tx.Query(id)
			require.NoError(t, err)
		}
		for u, err := range tx.Usage(store, day, day) {
			require.NoError(t, err)
			require.EqualValues(t, 7, u.ScannedBytes)
		}
		return nil
	}))
}

// TestPanicOfTheHistory: a defect of the goroutine that writes ends it, and nobody waits for it any more.
func TestPanicOfTheHistory(t *testing.T) {
	var log strings.Builder
	h := &history{log: slog.New(slog.NewTextHandler(&log, nil)), pending: newBatchOfHistory(), wake: make(chan struct{}, 1), hurry: make(chan struct{}, 1)}
	h.shrunk.L = &h.mu
	for range 2 * maxPendingQueries {
		h.note(&catalog.Query{ID: uuid.NewString()}, nil)
	}
	waited := make(chan struct{})
	go func() {
		defer close(waited)
		h.note(&catalog.Query{ID: "latest"}, nil)
	}()
	func() {
		defer h.recovered("history of queries")
		panic("a defect")
	}()
	<-waited
	require.Contains(t, h.noted(), "latest")
	require.Len(t, h.noted(), maxPendingQueries+1, "the older half is forgotten")
	require.Contains(t, log.String(), "a defect")
	require.Contains(t, log.String(), "batch_test.go")
}
