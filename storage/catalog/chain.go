package catalog

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// ChangeKind is the kind of change that an entry describes.
type ChangeKind string

// The kinds of changes. ChangeBegin starts a chain and changes nothing. ChangeAdopt lists segments, or holds a
// store's record or records of the ledger, that existed before the chain held such things.
const (
	ChangeBegin   ChangeKind = "begin"
	ChangeAdopt   ChangeKind = "adopt"
	ChangeImport  ChangeKind = "import"
	ChangeFlush   ChangeKind = "flush" // of pushed events
	ChangeCompact ChangeKind = "compact"
	ChangeExpire  ChangeKind = "expire"
	ChangeDrop    ChangeKind = "drop"   // of a store, in several entries
	ChangeStore   ChangeKind = "store"  // a store was made or its record changed
	ChangeLedger  ChangeKind = "ledger" // the import ledger changed, and no segment
	ChangeSeal    ChangeKind = "seal"   // of the log of pushed events
)

// ChainEntry is a link of the chain: a change of the manifest, of a store's record or of the import ledger, bound to
// the one before it.
type ChainEntry struct {
	Number   uint64         `json:"Number"`   // from 0
	Previous string         `json:"Previous"` // SHA-256 of the entry before, hex; empty in the first one
	Kind     ChangeKind     `json:"Kind"`
	At       time.Time      `json:"At"`
	Key      []byte         `json:"Key,omitempty"` // the Ed25519 public key that signs from here on, if it changes
	StoreID  string         `json:"StoreID,omitempty"`
	Added    []ChainSegment `json:"Added,omitempty"`
	Removed  []ChainSegment `json:"Removed,omitempty"`
	// Store is the whole record of the store after the change, as stored.
	Store json.RawMessage `json:"Store,omitempty"`
	// Ledger is the SHA-256, hex, of the changes of the import ledger, as the commit file holds them.
	Ledger string `json:"Ledger,omitempty"`
	// The last entry of each transaction since format version 4 has Stores, Flushed and Log: the SHA-256, hex, of
	// the records of all stores, Tx.Flushed and Tx.Log, all after the transaction.
	Stores  string    `json:"Stores,omitempty"`
	Flushed uint64    `json:"Flushed,omitempty"`
	Log     *ChainLog `json:"Log,omitempty"`
}

// ChainSegment is what an entry records of a segment.
type ChainSegment struct {
	Day     Day    `json:"Day"`
	Name    string `json:"Name"`
	Rows    int64  `json:"Rows"`
	Bytes   int64  `json:"Bytes"`
	MinTime int64  `json:"MinTime"`
	MaxTime int64  `json:"MaxTime"`
	SHA256  string `json:"SHA256"`
}

// ChainSegmentOf returns what the chain records of a segment.
func ChainSegmentOf(s *Segment) ChainSegment {
	return ChainSegment{Day: s.Day, Name: s.Name, Rows: s.Rows, Bytes: s.Bytes, MinTime: s.MinTime, MaxTime: s.MaxTime, SHA256: s.SHA256}
}

// ChainHead is the end of a chain.
type ChainHead struct {
	Entries uint64
	Hash    string // SHA-256 of the last entry, hex; empty without entries
	Key     []byte // the public key that signs
}

// StoredChainEntry is an entry as it lies in the catalog. A value in an unknown format becomes an entry without a
// signature and with a body that cannot be read.
type StoredChainEntry struct {
	Number    uint64 // from its key
	Signature []byte
	Body      []byte // what is hashed and signed
}

// Value is the entry as it is stored, in the catalog and in commit files.
func (e *StoredChainEntry) Value() []byte {
	return slices.Concat([]byte{chainFormat}, e.Signature, e.Body)
}

// Hash is the Previous of the next entry.
func (e *StoredChainEntry) Hash() string {
	sum := sha256.Sum256(e.Body)
	return hex.EncodeToString(sum[:])
}

// Entry reads the body.
func (e *StoredChainEntry) Entry() (*ChainEntry, error) {
	entry := new(ChainEntry)
	if len(e.Signature) == 0 {
		return nil, fmt.Errorf("catalog: chain entry %d has an unknown format", e.Number)
	}
	if err := json.Unmarshal(e.Body, entry); err != nil {
		return nil, fmt.Errorf("catalog: decode chain entry %d: %w", e.Number, err)
	}
	return entry, nil
}

// Sizes of the chain's values.
const (
	chainFormat    = 1
	signatureBytes = 64
	publicKeyBytes = 32
	chainHeadBytes = 8 + sha256.Size + publicKeyBytes
)

// ChainHead reads the end of the chain; without a chain it is zero.
func (tx *Tx) ChainHead() (ChainHead, error) {
	value, err := tx.getRaw(chainHeadKey)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return ChainHead{}, nil
	}
	if err != nil {
		return ChainHead{}, fmt.Errorf("catalog: read %s: %w", chainHeadKey, err)
	}
	if len(value) != chainHeadBytes {
		return ChainHead{}, fmt.Errorf("catalog: the chain's head has %d bytes instead of %d", len(value), chainHeadBytes)
	}
	hash, key := value[8:8+sha256.Size], value[8+sha256.Size:]
	return ChainHead{Entries: binary.BigEndian.Uint64(value), Hash: hex.EncodeToString(hash), Key: key}, nil
}

// appendChain appends entry to the chain and sets its Number, Previous and Key. sign signs bytes with the private
// key that belongs to key.
func (tx *Tx) appendChain(entry *ChainEntry, key []byte, sign func(body []byte) (signature []byte)) (*StoredChainEntry, error) {
	head, err := tx.ChainHead()
	if err != nil {
		return nil, err
	}
	entry.Number, entry.Previous = head.Entries, head.Hash
	if !bytes.Equal(head.Key, key) {
		entry.Key = key
	}
	body, err := json.Marshal(entry)
	if err != nil {
		return nil, fmt.Errorf("catalog: encode chain entry %d: %w", entry.Number, err)
	}
	stored := &StoredChainEntry{Number: entry.Number, Signature: sign(body), Body: body}
	if len(stored.Signature) != signatureBytes || len(key) != publicKeyBytes {
		return nil, fmt.Errorf("catalog: chain entry %d: not an Ed25519 key or signature", entry.Number)
	}
	if err := tx.setRaw(chainKey(entry.Number), stored.Value()); err != nil {
		return nil, err
	}
	hash := sha256.Sum256(body)
	next := binary.BigEndian.AppendUint64(nil, entry.Number+1)
	next = append(next, hash[:]...)
	return stored, tx.setRaw(chainHeadKey, append(next, key...))
}

// DeleteChain removes up to limit entries of the chain, and its head, and reports whether there may be more.
func (tx *Tx) DeleteChain(limit int) (left bool, err error) {
	keys := tx.keys(chainPrefix, limit)
	for _, key := range keys {
		if err := tx.delete(key); err != nil {
			return false, err
		}
	}
	return len(keys) == limit, tx.delete(chainHeadKey)
}

// Chain iterates over the entries of the chain by number.
func (tx *Tx) Chain() iter.Seq2[*StoredChainEntry, error] {
	return func(yield func(*StoredChainEntry, error) bool) {
		opts := badger.DefaultIteratorOptions
		opts.Prefix = []byte(chainPrefix)
		it := tx.txn.NewIterator(opts)
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			entry, err := chainEntryOf(it.Item())
			if !yield(entry, err) || err != nil {
				return
			}
		}
	}
}

func chainEntryOf(item *badger.Item) (*StoredChainEntry, error) {
	key := string(item.Key())
	number, err := strconv.ParseUint(key[len(chainPrefix):], 10, 64)
	if err != nil {
		return nil, fmt.Errorf("catalog: %q is not the key of a chain entry", key)
	}
	value, err := item.ValueCopy(nil)
	if err != nil {
		return nil, fmt.Errorf("catalog: read %s: %w", key, err)
	}
	return ParseChainEntry(number, value), nil
}

// ParseChainEntry reads the value of an entry, as Value returns it.
func ParseChainEntry(number uint64, value []byte) *StoredChainEntry {
	if len(value) < 1+signatureBytes || value[0] != chainFormat {
		return &StoredChainEntry{Number: number, Body: value}
	}
	return &StoredChainEntry{Number: number, Signature: value[1 : 1+signatureBytes], Body: value[1+signatureBytes:]}
}

// ChainEntryAt reads the entry with a number. ErrNotFound: there is none.
func (tx *Tx) ChainEntryAt(number uint64) (*StoredChainEntry, error) {
	key := chainKey(number)
	value, err := tx.getRaw(key)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil, &NotFoundError{Kind: "chain entry", Key: strconv.FormatUint(number, 10)}
	}
	if err != nil {
		return nil, fmt.Errorf("catalog: read %s: %w", key, err)
	}
	return ParseChainEntry(number, value), nil
}
