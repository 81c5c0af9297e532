package catalog

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"
)

// ChainLog is what the chain holds of the log of pushed events.
type ChainLog struct {
	// Sealed is the sequence of the log's last push when it was sealed, SHA256 the hash of its last group then,
	// hex.
	Sealed uint64 `json:"Sealed,omitempty"`
	SHA256 string `json:"SHA256,omitempty"`
	// IsUnsigned: the log is of an earlier version, and was not adopted yet.
	IsUnsigned bool `json:"IsUnsigned,omitempty"`
}

// Flushed is the sequence of the last push whose events are in segments, 0: none.
func (tx *Tx) Flushed() (uint64, error) {
	value, err := tx.getRaw(flushedKey)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("catalog: read %s: %w", flushedKey, err)
	}
	if len(value) != 8 {
		return 0, fmt.Errorf("catalog: %s has %d bytes instead of 8", flushedKey, len(value))
	}
	return binary.BigEndian.Uint64(value), nil
}

// SetFlushed notes that the events of all pushes up to a sequence are in segments.
func (tx *Tx) SetFlushed(sequence uint64) error {
	tx.movesFlushed = true
	return tx.setRaw(flushedKey, binary.BigEndian.AppendUint64(nil, sequence))
}

// Log reads what the chain holds of the log of pushed events, nil: nothing. A seal that a flush has reached is
// void.
func (tx *Tx) Log() (*ChainLog, error) {
	value, err := tx.getRaw(logKey)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("catalog: read %s: %w", logKey, err)
	}
	log := new(ChainLog)
	if len(value) == 0 || value[0] != recordFormat {
		return nil, fmt.Errorf("catalog: %s has an unknown format", logKey)
	}
	if err := json.Unmarshal(value[1:], log); err != nil {
		return nil, fmt.Errorf("catalog: decode %s: %w", logKey, err)
	}
	flushed, err := tx.Flushed()
	if err != nil {
		return nil, err
	}
	if !log.IsUnsigned && log.Sealed <= flushed {
		return nil, nil
	}
	return log, nil
}

// SetLog writes the state of the log of pushed events to the chain.
func (tx *Tx) SetLog(log ChainLog) error {
	tx.movesFlushed = true
	return put(tx, logKey, &log)
}
