package catalog

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// Query is a statement that was submitted.
type Query struct {
	ID       string   `json:"ID"`  // UUID
	SQL      string   `json:"SQL"` // its beginning, when it is long
	StoreIDs []string `json:"StoreIDs,omitempty"`
	// Tables are the names of the reference tables that it reads, if TablesNoted. Earlier versions did not note them.
	Tables      []string `json:"Tables,omitempty"`
	TablesNoted bool     `json:"TablesNoted,omitempty"`
	Alias       string   `json:"Alias,omitempty"`
	// RefreshID is the refresh of a dashboard that it is part of.
	RefreshID string `json:"RefreshID,omitempty"`
	// User is who asked, Door which way the statement came in, Source which program it came from, if known.
	User   string      `json:"User,omitempty"`
	Door   string      `json:"Door,omitempty"`
	Source string      `json:"Source,omitempty"`
	Status QueryStatus `json:"Status"`
	// ErrorName and ErrorMessage say why it has not finished.
	ErrorName    string    `json:"ErrorName,omitempty"`
	ErrorMessage string    `json:"ErrorMessage,omitempty"`
	CreatedAt    time.Time `json:"CreatedAt"`
	StartedAt    time.Time `json:"StartedAt,omitzero"` // when it had waited for its turn
	EndedAt      time.Time `json:"EndedAt,omitzero"`
	// PlannedLowBytes and PlannedHighBytes are the estimate of BytesScanned; 0: there is no estimate.
	PlannedLowBytes  int64 `json:"PlannedLowBytes,omitempty"`
	PlannedHighBytes int64 `json:"PlannedHighBytes,omitempty"`
	Rows             int64 `json:"Rows"`
	EventsScanned    int64 `json:"EventsScanned"`
	EventsMatched    int64 `json:"EventsMatched"`
	BytesScanned     int64 `json:"BytesScanned"`
	BytesRead        int64 `json:"BytesRead"`
	PeakMemoryBytes  int64 `json:"PeakMemoryBytes,omitempty"`
	SpilledBytes     int64 `json:"SpilledBytes,omitempty"`
	FreeBytes        int64 `json:"FreeBytes,omitempty"` // the free part of BytesScanned

	// DeliveryURI is where the result is to be delivered; empty: nowhere.
	DeliveryURI    string         `json:"DeliveryURI,omitempty"`
	DeliveryStatus DeliveryStatus `json:"DeliveryStatus,omitempty"`
	Prompt         string         `json:"Prompt,omitempty"`
}

// QueryStatus is the state of a query.
type QueryStatus string

// The states of a query.
const (
	QueryQueued    QueryStatus = "QUEUED"
	QueryRunning   QueryStatus = "RUNNING"
	QueryFinished  QueryStatus = "FINISHED"
	QueryFailed    QueryStatus = "FAILED"
	QueryCancelled QueryStatus = "CANCELLED"
	QueryTimedOut  QueryStatus = "TIMED_OUT"
)

// DeliveryStatus is how far the delivery of a result has come.
type DeliveryStatus string

// The states of a delivery. All but the first are final.
const (
	DeliveryPending           DeliveryStatus = "PENDING"
	DeliverySucceeded         DeliveryStatus = "SUCCESS"
	DeliveryFailed            DeliveryStatus = "FAILED"
	DeliveryFailedSigningFile DeliveryStatus = "FAILED_SIGNING_FILE"
	DeliveryNotFound          DeliveryStatus = "RESOURCE_NOT_FOUND"
	DeliveryDenied            DeliveryStatus = "ACCESS_DENIED"
	DeliveryDeniedSigningFile DeliveryStatus = "ACCESS_DENIED_SIGNING_FILE"
	DeliveryCancelled         DeliveryStatus = "CANCELLED"
	DeliveryUnknown           DeliveryStatus = "UNKNOWN"
)

// IsOver reports whether a query of the state has ended.
func (s QueryStatus) IsOver() bool { return s != QueryQueued && s != QueryRunning }

// indexValue is the value under the keys of indexes, which themselves hold all data.
var indexValue = []byte{recordFormat}

// PutQuery writes a query, new or changed, and its index keys. Its user and instant never change.
func (tx *Tx) PutQuery(q *Query) error {
	for _, key := range queryIndexKeys(q) {
		if err := tx.setRaw(key, indexValue); err != nil {
			return err
		}
	}
	if err := tx.listWhile(queryOpenKey(q.ID), !q.Status.IsOver()); err != nil {
		return err
	}
	if q.DeliveryURI != "" {
		if err := tx.listWhile(deliveryKey(q.ID), q.DeliveryStatus == DeliveryPending); err != nil {
			return err
		}
	}
	return put(tx, queryKey(q.ID), q)
}

// listWhile adds a key to a list of queries if the query belongs there, and removes it otherwise.
func (tx *Tx) listWhile(key string, belongs bool) error {
	if belongs {
		return tx.setRaw(key, indexValue)
	}
	if _, err := tx.getRaw(key); errors.Is(err, badger.ErrKeyNotFound) {
		return nil // most queries are first written when they have ended
	}
	return tx.delete(key)
}

// Query reads a query.
func (tx *Tx) Query(id string) (*Query, error) {
	return get[Query](tx, queryKey(id), "query", id)
}

// QueryFilter chooses queries. The zero value chooses all.
type QueryFilter struct {
	StoreID string    // that read the store
	User    string    // of the user
	Alias   string    // of the alias
	Since   time.Time // submitted at that instant or later; zero: at any time
	Until   time.Time // submitted at that instant or earlier, to the millisecond; zero: at any time
}

// LatestQueries lists the latest queries that a filter and keep let through, the latest first: limit of them, and
// those of the same millisecond as the last.
func (tx *Tx) LatestQueries(f QueryFilter, limit int, keep func(*Query) bool) ([]*Query, error) {
	prefix := queryTimePrefix
	switch {
	case f.StoreID != "":
		prefix = queryStorePrefix + f.StoreID + "/"
	case f.Alias != "":
		prefix = queryAliasPrefix + hash(f.Alias) + "/"
	case f.User != "":
		prefix = queryUserPrefix + hash(f.User) + "/"
	}
	since := prefix
	if !f.Since.IsZero() {
		since += queryTime(f.Since)
	}
	it := tx.txn.NewIterator(badger.IteratorOptions{Prefix: []byte(prefix), Reverse: true})
	defer it.Close()
	var out []*Query
	from, lastTime := prefix, ""
	if !f.Until.IsZero() {
		from += queryTime(f.Until)
	}
	for it.Seek([]byte(from + "\xff")); it.Valid(); it.Next() {
		key := string(it.Item().Key())
		at := key[:strings.LastIndexByte(key, '/')]
		if key < since || len(out) >= limit && at != lastTime {
			break
		}
		q, err := tx.Query(key[strings.LastIndexByte(key, '/')+1:])
		if errors.Is(err, ErrNotFound) {
			continue // the key has no query
		}
		if err != nil {
			return nil, err
		}
		if (f.User == "" || q.User == f.User) && (f.Alias == "" || q.Alias == f.Alias) && keep(q) {
			out, lastTime = append(out, q), at
		}
	}
	return out, nil
}

// OpenQueries lists up to limit queries that have not ended.
func (tx *Tx) OpenQueries(limit int) ([]*Query, error) {
	return tx.listedQueries(queryOpenPrefix, limit)
}

// PendingDeliveries lists up to limit queries whose results are to be delivered.
func (tx *Tx) PendingDeliveries(limit int) ([]*Query, error) {
	return tx.listedQueries(deliveryPrefix, limit)
}

// listedQueries lists up to limit queries that listWhile keeps below a prefix.
func (tx *Tx) listedQueries(prefix string, limit int) ([]*Query, error) {
	var out []*Query
	for _, key := range tx.keys(prefix, limit) {
		q, err := tx.Query(key[len(prefix):])
		if errors.Is(err, ErrNotFound) {
			continue // the key has no query
		}
		if err != nil {
			return nil, err
		}
		out = append(out, q)
	}
	return out, nil
}

// DeleteQueriesBefore removes up to limit queries that were submitted before an instant, and reports whether there
// may be more.
func (tx *Tx) DeleteQueriesBefore(before time.Time, limit int) (left bool, err error) {
	keys := tx.keys(queryTimePrefix, limit)
	for _, key := range keys {
		if key >= queryTimePrefix+queryTime(before) {
			return false, nil
		}
		if err := tx.deleteQuery(key); err != nil {
			return false, err
		}
	}
	return len(keys) == limit, nil
}

// deleteQuery removes the query that a key of the index by time names, with its index keys.
func (tx *Tx) deleteQuery(timeKey string) error {
	id := timeKey[strings.LastIndexByte(timeKey, '/')+1:]
	q, err := tx.Query(id)
	if errors.Is(err, ErrNotFound) {
		return tx.delete(timeKey)
	}
	if err != nil {
		return err
	}
	return tx.removeQuery(q)
}

// removeQuery removes a query and its index keys.
func (tx *Tx) removeQuery(q *Query) error {
	for _, key := range append(queryIndexKeys(q), queryOpenKey(q.ID), deliveryKey(q.ID), queryKey(q.ID)) {
		if err := tx.delete(key); err != nil {
			return err
		}
	}
	return nil
}

// IndexQueries indexes up to limit queries of an earlier version, which had no index and never deleted queries.
// Those submitted before an instant it removes instead. It begins at "" and returns where to continue, "" at the
// end. Once it has reached the end of a catalog, it does nothing.
func (tx *Tx) IndexQueries(from string, before time.Time, limit int) (next string, err error) {
	if _, err := tx.getRaw(queryIndexedKey); err == nil {
		return "", nil
	} else if !errors.Is(err, badger.ErrKeyNotFound) {
		return "", fmt.Errorf("catalog: read %s: %w", queryIndexedKey, err)
	}
	var found []*Query
	for q, err := range scan[Query](tx, queryPrefix, from) {
		if err != nil {
			return "", err
		}
		if len(found) == limit {
			next = queryKey(q.ID)
			break
		}
		found = append(found, q)
	}
	for q := range slices.Values(found) {
		if q.CreatedAt.Before(before) {
			err = tx.removeQuery(q)
		} else {
			err = tx.PutQuery(q)
		}
		if err != nil {
			return "", err
		}
	}
	if next == "" {
		return "", tx.setRaw(queryIndexedKey, indexValue)
	}
	return next, nil
}

// HasStaleQueries reports whether IndexQueries or DeleteQueriesBefore has something to do.
func (tx *Tx) HasStaleQueries(before time.Time) (bool, error) {
	if _, err := tx.getRaw(queryIndexedKey); errors.Is(err, badger.ErrKeyNotFound) {
		return len(tx.keys(queryPrefix, 1)) > 0, nil
	} else if err != nil {
		return false, fmt.Errorf("catalog: read %s: %w", queryIndexedKey, err)
	}
	oldest := tx.keys(queryTimePrefix, 1)
	return len(oldest) > 0 && oldest[0] < queryTimePrefix+queryTime(before), nil
}
