// Package receipt remembers which events channels took. If a client sends an event of the same id and bytes again
// within a day, the event keeps the id that it first got and is stored once. Receipts have a fixed size and lie in
// files, sorted by key; those in no file yet are in memory and in the owner's log. The layout of the files is in
// docs/formats/manifest.md.
package receipt

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// Window is how long a receipt holds.
const Window = 24 * time.Hour

// Key identifies an event: the first half of the SHA-256 of its id and its hash.
type Key [16]byte

// KeyOf returns the key of an event with an id and a SHA-256.
func KeyOf(id string, sum [sha256.Size]byte) (k Key) {
	text := append(append(make([]byte, 0, 256), id...), sum[:]...)
	hash := sha256.Sum256(text)
	copy(k[:], hash[:])
	return k
}

// compareKeys orders keys as their bytes are ordered.
func compareKeys(a, b *Key) int {
	if order := cmp.Compare(binary.BigEndian.Uint64(a[:]), binary.BigEndian.Uint64(b[:])); order != 0 {
		return order
	}
	return cmp.Compare(binary.BigEndian.Uint64(a[8:]), binary.BigEndian.Uint64(b[8:]))
}

// Receipt records that an event was taken.
type Receipt struct {
	Key     Key
	EventID [16]byte // the UUID that the event got
	Millis  int64    // when, since 1970 UTC
}

// holds reports whether the receipt still counts at an instant.
func (r *Receipt) holds(millis int64) bool { return millis-r.Millis < Window.Milliseconds() }

// Bytes is the size of a receipt in a log or a file.
const Bytes = len(Key{}) + 16 + 8

// AppendText appends receipts as they lie in logs and files.
func AppendText(to []byte, receipts []Receipt) []byte {
	for i := range receipts {
		to = append(to, receipts[i].Key[:]...)
		to = append(to, receipts[i].EventID[:]...)
		to = binary.BigEndian.AppendUint64(to, uint64(receipts[i].Millis))
	}
	return to
}

// ParseText reads what AppendText wrote; false: it is something else.
func ParseText(text []byte) ([]Receipt, bool) {
	if len(text)%Bytes != 0 {
		return nil, false
	}
	receipts := make([]Receipt, len(text)/Bytes)
	for i := range receipts {
		receipts[i] = parseOne(text[i*Bytes:])
	}
	return receipts, true
}

func parseOne(text []byte) (r Receipt) {
	copy(r.Key[:], text)
	copy(r.EventID[:], text[16:])
	r.Millis = int64(binary.BigEndian.Uint64(text[32:]))
	return r
}
