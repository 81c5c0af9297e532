package catalog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// LastUse reads when the lake was last in use at a trusted time; zero: never noted.
func (tx *Tx) LastUse() (time.Time, error) {
	value, err := tx.getRaw(lastUseKey)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("catalog: read %s: %w", lastUseKey, err)
	}
	if len(value) != 8 {
		return time.Time{}, fmt.Errorf("catalog: %s has %d bytes instead of 8", lastUseKey, len(value))
	}
	return time.UnixMilli(int64(binary.BigEndian.Uint64(value))).UTC(), nil
}

// SetLastUse notes a time at which the lake is in use.
func (tx *Tx) SetLastUse(at time.Time) error {
	return tx.setRaw(lastUseKey, binary.BigEndian.AppendUint64(nil, uint64(at.UnixMilli())))
}

// LastChange is the time of the chain's last entry; zero: it has none.
func (tx *Tx) LastChange() (time.Time, error) {
	head, err := tx.ChainHead()
	if err != nil || head.Entries == 0 {
		return time.Time{}, err
	}
	item, err := tx.txn.Get([]byte(chainKey(head.Entries - 1)))
	if err != nil {
		return time.Time{}, fmt.Errorf("catalog: read the last chain entry: %w", err)
	}
	stored, err := chainEntryOf(item)
	if err != nil {
		return time.Time{}, err
	}
	entry, err := stored.Entry()
	if err != nil {
		return time.Time{}, err
	}
	return entry.At, nil
}
