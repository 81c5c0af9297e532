package catalog

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/dgraph-io/badger/v4"
)

// ledgerPrefixes are the keys of the import ledger: what imports took, by which selectors, and which days expiries
// removed. Every change of one of these records is part of a chain entry.
var ledgerPrefixes = []string{expiryPrefix, filePrefix, locationPrefix, selectorPrefix}

// LedgerOp says what a LedgerChange does.
type LedgerOp byte

// The kinds of LedgerOp. LedgerAdopt names a record that existed before the chain held the ledger.
const (
	LedgerPut    LedgerOp = 1
	LedgerDelete LedgerOp = 2
	LedgerAdopt  LedgerOp = 3
)

// LedgerChange is the change of one record of the import ledger, as the chain holds it.
type LedgerChange struct {
	Op  LedgerOp
	Key string
	// Previous is the SHA-256 of the value before; all zeros: there was none.
	Previous [sha256.Size]byte
	Value    []byte // as stored, with its format byte; nil: the record is gone
}

// putLedger writes a record of the ledger and notes the change for the chain.
func putLedger[R any](tx *Tx, key string, record *R) error {
	body, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("catalog: encode %s: %w", key, err)
	}
	value := append([]byte{recordFormat}, body...)
	if err := tx.noteLedger(key, value); err != nil {
		return err
	}
	return tx.setRaw(key, value)
}

// deleteLedger removes a record of the ledger, if it is there, and notes the change for the chain.
func (tx *Tx) deleteLedger(key string) error {
	if err := tx.noteLedger(key, nil); err != nil {
		return err
	}
	return tx.delete(key)
}

// noteLedger notes the change of a record. A second change in the transaction replaces the first one but keeps its
// Previous.
func (tx *Tx) noteLedger(key string, value []byte) error {
	if at, ok := tx.ledgerAt[key]; ok {
		change := &tx.ledger[at]
		change.Value = value
		change.Op = LedgerPut
		if value == nil {
			change.Op = LedgerDelete
		}
		return nil
	}
	change := LedgerChange{Op: LedgerPut, Key: key, Value: value}
	old, err := tx.getRaw(key)
	switch {
	case errors.Is(err, badger.ErrKeyNotFound):
		if value == nil {
			return nil
		}
	case err != nil:
		return fmt.Errorf("catalog: read %s: %w", key, err)
	default:
		change.Previous = sha256.Sum256(old)
	}
	if value == nil {
		change.Op = LedgerDelete
	}
	tx.addLedgerChange(change)
	return nil
}

func (tx *Tx) addLedgerChange(change LedgerChange) {
	if tx.ledgerAt == nil {
		tx.ledgerAt = map[string]int{}
	}
	tx.ledgerAt[change.Key] = len(tx.ledger)
	tx.ledger = append(tx.ledger, change)
}

// AdoptLedger adds up to limit existing records of the ledger, from a key on, to the chain unchanged. It returns
// the key to continue with; empty: there are no more.
func (tx *Tx) AdoptLedger(from string, limit int) (next string, err error) {
	for key, value := range tx.LedgerRecords(from, &err) {
		if len(tx.ledger) == limit {
			return key, err
		}
		tx.addLedgerChange(LedgerChange{Op: LedgerAdopt, Key: key, Value: value})
	}
	return "", err
}

// LedgerRecords iterates over the stored records of the ledger by key, from a key on. An error ends the iteration
// and is stored in failed.
func (tx *Tx) LedgerRecords(from string, failed *error) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for _, prefix := range ledgerPrefixes {
			if cmp.Compare(from, prefix+"\xff") > 0 {
				continue
			}
			more := tx.rawRecords(prefix, max(prefix, from), failed, yield)
			if !more {
				return
			}
		}
	}
}

// rawRecords iterates over the records whose keys start with prefix, from a key on, and reports whether the caller
// wants more.
func (tx *Tx) rawRecords(prefix, from string, failed *error, yield func(string, []byte) bool) (more bool) {
	opts := badger.DefaultIteratorOptions
	opts.Prefix = []byte(prefix)
	it := tx.txn.NewIterator(opts)
	defer it.Close()
	for it.Seek([]byte(from)); it.Valid(); it.Next() {
		key := string(it.Item().Key())
		value, err := it.Item().ValueCopy(nil)
		if err != nil {
			*failed = fmt.Errorf("catalog: read %s: %w", key, err)
			return false
		}
		if !yield(key, value) {
			return false
		}
	}
	return true
}

// encodeLedger returns the bytes whose hash a chain entry holds: the changes, sorted by key.
func encodeLedger(changes []LedgerChange) []byte {
	if len(changes) == 0 {
		return nil
	}
	changes = slices.Clone(changes)
	slices.SortFunc(changes, func(a, b LedgerChange) int { return cmp.Compare(a.Key, b.Key) })
	var b []byte
	for _, c := range changes {
		b = append(b, byte(c.Op))
		b = binary.BigEndian.AppendUint16(b, uint16(len(c.Key)))
		b = append(b, c.Key...)
		b = append(b, c.Previous[:]...)
		b = binary.BigEndian.AppendUint32(b, uint32(len(c.Value)))
		b = append(b, c.Value...)
	}
	return b
}

var errLedgerBytes = errors.New("catalog: these are not the changes of a ledger")

// DecodeLedger reads the changes of the ledger that belong to a chain entry. Values share the memory of b.
func DecodeLedger(b []byte) ([]LedgerChange, error) {
	var changes []LedgerChange
	for len(b) > 0 {
		var c LedgerChange
		var ok bool
		if c, b, ok = cutLedgerChange(b); !ok {
			return nil, errLedgerBytes
		}
		changes = append(changes, c)
	}
	return changes, nil
}

func cutLedgerChange(b []byte) (c LedgerChange, rest []byte, ok bool) {
	const fixed = 1 + 2 + sha256.Size + 4
	if len(b) < fixed {
		return c, nil, false
	}
	keyBytes := int(binary.BigEndian.Uint16(b[1:]))
	if len(b) < fixed+keyBytes {
		return c, nil, false
	}
	c.Op, c.Key = LedgerOp(b[0]), string(b[3:3+keyBytes])
	b = b[3+keyBytes:]
	b = b[copy(c.Previous[:], b):]
	valueBytes := uint64(binary.BigEndian.Uint32(b))
	b = b[4:]
	if uint64(len(b)) < valueBytes || (valueBytes == 0) != (c.Op == LedgerDelete) || c.Op < LedgerPut || c.Op > LedgerAdopt {
		return c, nil, false
	}
	if valueBytes > 0 {
		c.Value = b[:valueBytes]
	}
	return c, b[valueBytes:], true
}

// LedgerHash is the hash of encoded changes that a chain entry holds, empty for none.
func LedgerHash(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
