package catalog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// KeepQueries reads how long queries are kept after they were submitted; 0: that was never set.
func (tx *Tx) KeepQueries() (time.Duration, error) {
	value, err := tx.getRaw(queryKeepKey)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("catalog: read %s: %w", queryKeepKey, err)
	}
	if len(value) != 8 {
		return 0, fmt.Errorf("catalog: %s has %d bytes instead of 8", queryKeepKey, len(value))
	}
	return time.Duration(binary.BigEndian.Uint64(value)) * time.Millisecond, nil
}

// SetKeepQueries sets how long queries are kept, in whole milliseconds.
func (tx *Tx) SetKeepQueries(keep time.Duration) error {
	return tx.setRaw(queryKeepKey, binary.BigEndian.AppendUint64(nil, uint64(keep.Milliseconds())))
}
