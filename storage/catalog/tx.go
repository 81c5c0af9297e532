package catalog

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"github.com/dgraph-io/badger/v4"
)

// recordFormat is the first byte of every record's value: the rest is JSON.
const recordFormat = 1

// Tx is a transaction. It sees the catalog as of its beginning and its own writes. It must not be used by several
// goroutines at once, nor after its function returned.
type Tx struct {
	txn      *badger.Txn
	giveBack func() *badger.Txn // ends the use of a shared txn and returns a discarded one; else nil
	stores   *kept[Store]       // nil if txn is not shared
	tables   *kept[Table]       // likewise
	// Whether the transaction changes records that are cached, see Catalog.StoresVersion and kept.
	changesStores, changesTables, changesAccessKeys bool

	// Changes for the chain that SealChain has not appended yet.
	proposed      []*ChainEntry
	changedStores []string // ids
	ledger        []LedgerChange
	ledgerAt      map[string]int // indexes of ledger by key
	movesFlushed  bool

	appended []AppendedEntry
}

// Discard ends a transaction made by Begin. Further calls do nothing.
func (tx *Tx) Discard() {
	if tx.giveBack != nil {
		tx.txn, tx.giveBack, tx.stores, tx.tables = tx.giveBack(), nil, nil, nil
		return
	}
	tx.txn.Discard()
}

func (tx *Tx) getRaw(key string) ([]byte, error) {
	item, err := tx.txn.Get([]byte(key))
	if err != nil {
		return nil, err
	}
	return item.ValueCopy(nil)
}

func (tx *Tx) setRaw(key string, value []byte) error {
	return writeError(key, tx.txn.Set([]byte(key), value))
}

func (tx *Tx) delete(key string) error { return writeError(key, tx.txn.Delete([]byte(key))) }

func writeError(key string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, badger.ErrTxnTooBig):
		return ErrTooLarge
	}
	return fmt.Errorf("catalog: write %s: %w", key, err)
}

// put writes a record under key.
func put[R any](tx *Tx, key string, record *R) error {
	body, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("catalog: encode %s: %w", key, err)
	}
	return tx.setRaw(key, append([]byte{recordFormat}, body...))
}

// get reads the record under key; kind and name describe it in a NotFoundError.
func get[R any](tx *Tx, key, kind, name string) (*R, error) {
	value, err := tx.getRaw(key)
	if errors.Is(err, badger.ErrKeyNotFound) || errors.Is(err, badger.ErrEmptyKey) {
		return nil, &NotFoundError{Kind: kind, Key: name}
	}
	if err != nil {
		return nil, fmt.Errorf("catalog: read %s: %w", key, err)
	}
	return decode[R](key, value)
}

func decode[R any](key string, value []byte) (*R, error) {
	if len(value) == 0 || value[0] != recordFormat {
		return nil, fmt.Errorf("catalog: record %s has an unknown format", key)
	}
	record := new(R)
	if err := json.Unmarshal(value[1:], record); err != nil {
		return nil, fmt.Errorf("catalog: decode %s: %w", key, err)
	}
	return record, nil
}

// scan iterates over the records whose keys start with prefix, in key order, from the key from on
// (empty: all). It stops after an error.
func scan[R any](tx *Tx, prefix, from string) iter.Seq2[*R, error] {
	return func(yield func(*R, error) bool) {
		opts := badger.DefaultIteratorOptions
		opts.Prefix = []byte(prefix)
		it := tx.txn.NewIterator(opts)
		defer it.Close()
		for it.Seek([]byte(max(prefix, from))); it.Valid(); it.Next() {
			record, err := decodeItem[R](it.Item())
			if !yield(record, err) || err != nil {
				return
			}
		}
	}
}

func decodeItem[R any](item *badger.Item) (record *R, err error) {
	key := string(item.Key())
	readErr := item.Value(func(value []byte) error {
		record, err = decode[R](key, value)
		return nil
	})
	if readErr != nil {
		return nil, fmt.Errorf("catalog: read %s: %w", key, readErr)
	}
	return record, err
}

// keys lists up to limit keys that start with prefix.
func (tx *Tx) keys(prefix string, limit int) []string {
	opts := badger.DefaultIteratorOptions
	opts.Prefix = []byte(prefix)
	opts.PrefetchValues = false
	it := tx.txn.NewIterator(opts)
	defer it.Close()
	var keys []string
	for it.Rewind(); it.Valid() && len(keys) < limit; it.Next() {
		keys = append(keys, string(it.Item().Key()))
	}
	return keys
}

// collect gathers an iteration, up to its first error.
func collect[R any](records iter.Seq2[*R, error]) ([]*R, error) {
	var all []*R
	for record, err := range records {
		if err != nil {
			return nil, err
		}
		all = append(all, record)
	}
	return all, nil
}
