package hotlog

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// The files of pushed events hold groups of pushes. One write and one sync make a group durable.
//
//	group  magic (8 B), CRC-32C of the rest (4 B), length of the body (4 B), file (8 B), sequence (8 B),
//	       pushes (4 B), hash of the group before (32 B), signature (64 B), body: the pushes
//	push   length of the rest (4 B), store id (36 B), then each event: length (4 B), text
//
// Integers are big-endian. A group begins at a multiple of AlignBytes. Zeros or groups of an older file follow the
// last one. A file is named after the sequence of its first push; "file" of each of its groups is that sequence,
// too, so groups of an older file are recognized. Sequences go up by one from push to push, across groups and
// files.
//
// The hash of a group (HashAfter) covers its pushes and the hash before it. The signature of one group therefore
// vouches for all groups before it, too, in any file.
const (
	// FormatVersion is the version of the files; magic ends with it.
	FormatVersion = 3
	// magic has bytes that no event can have, so that no event can look like a group.
	magic     = "\xffALHOT3\n"
	GroupHead = groupHead2 + sha256.Size + SignatureBytes
	// magic2 begins a group of version 2, which has no hash and no signature. Such groups are read, never written.
	magic2         = "\xffALHOT2\n"
	groupHead2     = 36
	SignatureBytes = 64
	// signatureContext keeps signatures of groups from passing for signatures of anything else.
	signatureContext = "auditlake pushed events 3\n"
	PushHead         = 4 + StoreIDBytes
	TextHead         = 4
	StoreIDBytes     = 36
	// AlignBytes keeps an unfinished write off the blocks that hold acknowledged groups.
	AlignBytes = 4096
	// MaxGroupBytes bounds the body of a group, so that reading a damaged length allocates no more memory.
	MaxGroupBytes = 64 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Hash is the SHA-256 of a group of pushes and all groups before it. The zero value stands for none.
type Hash [sha256.Size]byte

// HashAfter returns the hash after a group of pushes. sequence is that of the first push.
func HashAfter(before Hash, sequence uint64, pushes []*Push) Hash {
	of := append(make([]byte, 0, 1024), before[:]...)
	of = binary.BigEndian.AppendUint64(of, sequence)
	for _, p := range pushes {
		of = append(of, p.sum[:]...)
	}
	return sha256.Sum256(of)
}

// signed returns the bytes to sign for a group with the given hash.
func signed(hash Hash) []byte { return append([]byte(signatureContext), hash[:]...) }

// GroupHeader is the header of a group, before its pushes.
type GroupHeader struct {
	headBytes int // of the header in its version
	checksum  uint32
	length    uint32 // of the body
	File      uint64 // sequence in the file's name
	Sequence  uint64 // of the first push
	pushes    uint32 // 0, in version 2: marks the intended end of the file
	Before    Hash
	Signature []byte // nil in version 2
}

// bytes is the size of the group in the file.
func (h *GroupHeader) bytes() int64 { return Aligned(int64(h.headBytes) + int64(h.length)) }

// Aligned returns n rounded up to whole blocks of AlignBytes.
func Aligned(n int64) int64 { return (n + AlignBytes - 1) / AlignBytes * AlignBytes }

// AppendGroup appends a group without the padding of its last block. signature is the signature of signed.
func AppendGroup(to []byte, file, sequence uint64, pushes []*Push, before Hash, signature []byte) []byte {
	start := len(to)
	to = append(to, magic...)
	to = append(to, 0, 0, 0, 0, 0, 0, 0, 0)
	to = binary.BigEndian.AppendUint64(to, file)
	to = binary.BigEndian.AppendUint64(to, sequence)
	to = binary.BigEndian.AppendUint32(to, uint32(len(pushes)))
	to = append(to, before[:]...)
	to = append(to, signature...)
	for _, p := range pushes {
		to = p.appendTo(to)
	}
	binary.BigEndian.PutUint32(to[start+12:], uint32(len(to)-start-GroupHead))
	binary.BigEndian.PutUint32(to[start+8:], crc32.Checksum(to[start+12:], castagnoli))
	return to
}

// Texts are events as they lie in a push: each event follows its length. The zero value has none.
type Texts struct {
	joined []byte
	count  int
}

// JoinTexts copies events into one piece of memory. bytes.Join does not clear that memory before it fills it.
func JoinTexts(events [][]byte) Texts {
	lengths := make([]byte, 0, len(events)*TextHead)
	parts := make([][]byte, 0, 2*len(events))
	for _, event := range events {
		lengths = binary.BigEndian.AppendUint32(lengths, uint32(len(event)))
		parts = append(parts, lengths[len(lengths)-TextHead:], event)
	}
	return Texts{joined: bytes.Join(parts, nil), count: len(events)}
}

// NewTexts returns empty Texts with room for events whose texts have textBytes in total.
func NewTexts(events, textBytes int) Texts {
	return Texts{joined: make([]byte, 0, events*TextHead+textBytes)}
}

// AppendText adds the event that appendTo appends to its argument, and returns the event, which is valid until the
// next call.
func (t *Texts) AppendText(appendTo func([]byte) []byte) []byte {
	start := len(t.joined) + TextHead
	t.joined = appendTo(append(t.joined, 0, 0, 0, 0))
	t.count++
	event := t.joined[start:]
	binary.BigEndian.PutUint32(t.joined[start-TextHead:], uint32(len(event)))
	return event
}

// Count is the number of events.
func (t Texts) Count() int { return t.count }

// List returns the events. They share the memory of the texts.
func (t Texts) List() [][]byte {
	list, _ := CutTexts(t.joined)
	return list
}

// PushBytes is the size in a group of a push of the events.
func (t Texts) PushBytes() int64 { return PushHead + int64(len(t.joined)) }

// NewPush is a push of events. It keeps them without a copy.
func NewPush(storeID string, texts Texts) *Push {
	return &Push{StoreID: storeID, Text: texts.joined, sum: pushSum(storeID, texts.joined)}
}

// pushSum is the SHA-256 of a push, as it lies in a group after its length.
func pushSum(storeID string, text []byte) (sum Hash) {
	hash := sha256.New()
	hash.Write([]byte(storeID))
	hash.Write(text)
	hash.Sum(sum[:0])
	return sum
}

func (p *Push) appendTo(to []byte) []byte {
	to = binary.BigEndian.AppendUint32(to, uint32(p.Bytes()-4))
	to = append(to, p.StoreID...)
	return append(to, p.Text...)
}

// Bytes is what the push takes of a group.
func (p *Push) Bytes() int64 { return PushHead + int64(len(p.Text)) }

// parseHeader reads the head of a group; false: there is none.
func parseHeader(head []byte) (h GroupHeader, ok bool) {
	if len(head) < groupHead2 {
		return h, false
	}
	h = GroupHeader{
		headBytes: groupHead2,
		checksum:  binary.BigEndian.Uint32(head[8:]), length: binary.BigEndian.Uint32(head[12:]),
		File: binary.BigEndian.Uint64(head[16:]), Sequence: binary.BigEndian.Uint64(head[24:]), pushes: binary.BigEndian.Uint32(head[32:]),
	}
	switch string(head[:8]) {
	case magic2:
	case magic:
		if len(head) < GroupHead || h.pushes == 0 {
			return h, false
		}
		h.headBytes = GroupHead
		signature := head[groupHead2+copy(h.Before[:], head[groupHead2:]):]
		h.Signature = append([]byte(nil), signature[:SignatureBytes]...)
	default:
		return h, false
	}
	return h, h.length <= MaxGroupBytes
}

// isWhole reports whether head and body are what was written.
func (h *GroupHeader) isWhole(head, body []byte) bool {
	return crc32.Update(crc32.Checksum(head[12:h.headBytes], castagnoli), castagnoli, body) == h.checksum
}

// parsePushes reads the body of a group. The events are parts of it.
func (h *GroupHeader) parsePushes(body []byte) ([]*Push, error) {
	var pushes []*Push
	for i := range h.pushes {
		rest, after, ok := cutText(body)
		if !ok || len(rest) < StoreIDBytes {
			return nil, fmt.Errorf("push %d does not fit its group", h.Sequence+uint64(i))
		}
		p := readPush(rest, h.Sequence+uint64(i))
		if _, ok := CutTexts(p.Text); !ok {
			return nil, fmt.Errorf("an event does not fit push %d", p.Sequence)
		}
		pushes = append(pushes, p)
		body = after
	}
	if len(body) > 0 {
		return nil, fmt.Errorf("%d bytes follow the last push of a group", len(body))
	}
	return pushes, nil
}

// readPush reads a push that was long enough to have a store's id.
func readPush(rest []byte, sequence uint64) *Push {
	storeID, text := string(rest[:StoreIDBytes]), rest[StoreIDBytes:]
	return &Push{StoreID: storeID, Text: text, Sequence: sequence, sum: pushSum(storeID, text)}
}

// CutTexts lists the events of a push.
func CutTexts(text []byte) (events [][]byte, ok bool) {
	for len(text) > 0 {
		event, after, ok := cutText(text)
		if !ok {
			return nil, false
		}
		events = append(events, event)
		text = after
	}
	return events, true
}

// cutText cuts off what follows a length.
func cutText(text []byte) (first, rest []byte, ok bool) {
	if len(text) < TextHead {
		return nil, nil, false
	}
	n := int64(binary.BigEndian.Uint32(text))
	if text = text[TextHead:]; n > int64(len(text)) {
		return nil, nil, false
	}
	return text[:n:n], text[n:], true
}
