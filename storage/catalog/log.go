package catalog

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"
)

// Flushed is the sequence of the last push whose events are in segments, 0: none.
func (tx *Tx) Flushed() (uint64, error) {
	flushed, _, err := tx.counter(flushedKey)
	return flushed, err
}

// LogEntry returns the chain entry that says how the log of pushed events stands; nil: there is none.
func (tx *Tx) LogEntry() (*StoredChainEntry, error) {
	number, ok, err := tx.counter(logEntryKey)
	if err != nil || !ok {
		return nil, err
	}
	item, err := tx.txn.Get([]byte(chainKey(number)))
	if err != nil {
		return nil, fmt.Errorf("catalog: read chain entry %d: %w", number, err)
	}
	return chainEntryOf(item)
}

// setLog follows an entry with a Log.
func (tx *Tx) setLog(entry *ChainEntry) error {
	if err := tx.setRaw(flushedKey, binary.BigEndian.AppendUint64(nil, entry.Log.Flushed)); err != nil {
		return err
	}
	return tx.setRaw(logEntryKey, binary.BigEndian.AppendUint64(nil, entry.Number))
}

// counter reads a value of 8 bytes; false: there is none.
func (tx *Tx) counter(key string) (uint64, bool, error) {
	value, err := tx.getRaw(key)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("catalog: read %s: %w", key, err)
	}
	if len(value) != 8 {
		return 0, false, fmt.Errorf("catalog: %s has %d bytes instead of 8", key, len(value))
	}
	return binary.BigEndian.Uint64(value), true, nil
}
