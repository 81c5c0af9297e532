package catalog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// LastVerify is when the whole lake was last verified, and how many problems that found.
type LastVerify struct {
	At       time.Time // zero: never
	Problems int
}

// LastVerify reads when the lake was last verified.
func (tx *Tx) LastVerify() (LastVerify, error) {
	value, err := tx.getRaw(lastVerifyKey)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return LastVerify{}, nil
	}
	if err != nil {
		return LastVerify{}, fmt.Errorf("catalog: read %s: %w", lastVerifyKey, err)
	}
	if len(value) != 16 {
		return LastVerify{}, fmt.Errorf("catalog: %s has %d bytes instead of 16", lastVerifyKey, len(value))
	}
	return LastVerify{
		At:       time.UnixMilli(int64(binary.BigEndian.Uint64(value))).UTC(),
		Problems: int(binary.BigEndian.Uint64(value[8:])),
	}, nil
}

// SetLastVerify notes that the lake was verified.
func (tx *Tx) SetLastVerify(v LastVerify) error {
	value := binary.BigEndian.AppendUint64(nil, uint64(v.At.UnixMilli()))
	return tx.setRaw(lastVerifyKey, binary.BigEndian.AppendUint64(value, uint64(v.Problems)))
}
