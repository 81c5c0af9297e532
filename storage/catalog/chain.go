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
	"strconv"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// ChangeKind says why the manifest changed.
type ChangeKind string

// The kinds of changes. ChangeBegin starts a chain and changes nothing; ChangeAdopt lists segments that
// were there before the chain.
const (
	ChangeBegin   ChangeKind = "begin"
	ChangeAdopt   ChangeKind = "adopt"
	ChangeImport  ChangeKind = "import"
	ChangeFlush   ChangeKind = "flush" // of pushed events
	ChangeCompact ChangeKind = "compact"
	ChangeExpire  ChangeKind = "expire"
	ChangeDrop    ChangeKind = "drop"
	// ChangeSeal changes no segment: it says how far the log of pushed events goes.
	ChangeSeal ChangeKind = "seal"
)

// ChainEntry is a link of the chain: a change of the manifest, bound to the one before it.
type ChainEntry struct {
	Number   uint64 // from 0
	Previous string // SHA-256 of the entry before, hex; empty in the first one
	Kind     ChangeKind
	At       time.Time
	Key      []byte         `json:",omitempty"` // the Ed25519 public key that signs from this entry on, if it is another one
	StoreID  string         `json:",omitempty"`
	Added    []ChainSegment `json:",omitempty"`
	Removed  []ChainSegment `json:",omitempty"`
	Log      *ChainLog      `json:",omitempty"` // of entries that flush or seal the log of pushed events
}

// ChainLog is what an entry says of the log of pushed events. The last entry with one decides.
type ChainLog struct {
	Flushed uint64 // sequence of the last push whose events are in segments
	// Sealed is the sequence of the last push that the log had, SHA256 the hash of its last group, hex. A seal is
	// void once Flushed has reached it. 0: there is none.
	Sealed uint64 `json:",omitempty"`
	SHA256 string `json:",omitempty"`
}

// ChainSegment is what an entry says of a segment.
type ChainSegment struct {
	Day     Day
	Name    string
	Rows    int64
	Bytes   int64
	MinTime int64
	MaxTime int64
	SHA256  string
}

// ChainSegmentOf is what the chain holds of a segment.
func ChainSegmentOf(s *Segment) ChainSegment {
	return ChainSegment{Day: s.Day, Name: s.Name, Rows: s.Rows, Bytes: s.Bytes, MinTime: s.MinTime, MaxTime: s.MaxTime, SHA256: s.SHA256}
}

// ChainHead tells where a chain ends.
type ChainHead struct {
	Entries uint64
	Hash    string // SHA-256 of the last entry, hex; empty without entries
	Key     []byte // the public key that signs
}

// StoredChainEntry is an entry as it lies in the catalog. What is none, in an unknown format, is a body that
// cannot be read, without a signature.
type StoredChainEntry struct {
	Number    uint64 // by its key
	Signature []byte
	Body      []byte // what is hashed and signed
}

// Hash is what the next entry calls this one.
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

// ChainHead reads the chain's end; without a chain it is zero.
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

// AppendChain makes entry the next of the chain: its Number, Previous and Key are set here. sign
// signs the bytes it is given with the private key of key.
func (tx *Tx) AppendChain(entry *ChainEntry, key []byte, sign func(body []byte) (signature []byte)) error {
	head, err := tx.ChainHead()
	if err != nil {
		return err
	}
	entry.Number, entry.Previous = head.Entries, head.Hash
	if !bytes.Equal(head.Key, key) {
		entry.Key = key
	}
	body, err := json.Marshal(entry)
	if err != nil {
		return fmt.Errorf("catalog: encode chain entry %d: %w", entry.Number, err)
	}
	value := append([]byte{chainFormat}, sign(body)...)
	if len(value) != 1+signatureBytes || len(key) != publicKeyBytes {
		return fmt.Errorf("catalog: chain entry %d: not an Ed25519 key or signature", entry.Number)
	}
	if err := tx.setRaw(chainKey(entry.Number), append(value, body...)); err != nil {
		return err
	}
	if entry.Log != nil {
		if err := tx.setLog(entry); err != nil {
			return err
		}
	}
	hash := sha256.Sum256(body)
	next := binary.BigEndian.AppendUint64(nil, entry.Number+1)
	next = append(next, hash[:]...)
	return tx.setRaw(chainHeadKey, append(next, key...))
}

// DeleteChain removes up to limit entries of the chain, and its head, and tells whether there may be more.
func (tx *Tx) DeleteChain(limit int) (left bool, err error) {
	keys := tx.keys(chainPrefix, limit)
	for _, key := range keys {
		if err := tx.delete(key); err != nil {
			return false, err
		}
	}
	if err := tx.delete(logEntryKey); err != nil {
		return false, err
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
	if len(value) < 1+signatureBytes || value[0] != chainFormat {
		return &StoredChainEntry{Number: number, Body: value}, nil
	}
	return &StoredChainEntry{Number: number, Signature: value[1 : 1+signatureBytes], Body: value[1+signatureBytes:]}, nil
}
