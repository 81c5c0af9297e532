package storage

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// The files of pushed events hold groups of pushes. A group is what one write and one sync make durable.
//
//	group  magic (8 B), CRC-32C of the rest (4 B), length of the body (4 B), file (8 B), sequence (8 B),
//	       pushes (4 B), hash of the group before (32 B), signature (64 B), body: the pushes
//	push   length of the rest (4 B), store id (36 B), then each event: length (4 B), text
//
// Integers are big-endian. A group begins at a multiple of hotAlignBytes, and zeros or an older file's
// groups follow the last one. A file is named after the sequence of its first push, which is the group's
// "file", too: groups of an older file are known by it. Sequences go up by one from push to push, from
// group to group, from file to file.
//
// The hash of a group (hotHashAfter) covers its pushes and the hash before it, so the signature of one group
// vouches for all groups before it, too, in whichever files they lie.
const (
	// hotMagic has bytes that no event can have, so that no event can look like a group.
	hotMagic     = "\xffALHOT3\n"
	hotGroupHead = hotGroupHead2 + sha256.Size + hotSignatureBytes
	// hotMagic2 begins a group of version 2, which has no hash and no signature. They are read, never written.
	hotMagic2         = "\xffALHOT2\n"
	hotGroupHead2     = 36
	hotSignatureBytes = 64
	// hotSignatureContext keeps signatures of groups from being taken for signatures of anything else.
	hotSignatureContext = "auditlake pushed events 3\n"
	hotPushHead         = 4 + hotStoreIDBytes
	hotTextHead         = 4
	hotStoreIDBytes     = 36
	// hotAlignBytes keeps an unfinished write off the blocks that hold acknowledged groups.
	hotAlignBytes = 4096
	// maxHotGroupBytes bounds the body of a group, so that damage asks for no more memory when it is read.
	maxHotGroupBytes = 64 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// hotHash is the SHA-256 of a group of pushes and all groups before it. The zero value stands for none.
type hotHash [sha256.Size]byte

// hotHashAfter returns the hash after a group of pushes, of which the first has a sequence.
func hotHashAfter(before hotHash, sequence uint64, pushes []*hotPush) hotHash {
	of := append(make([]byte, 0, 1024), before[:]...)
	of = binary.BigEndian.AppendUint64(of, sequence)
	for _, p := range pushes {
		of = append(of, p.sum[:]...)
	}
	return sha256.Sum256(of)
}

// hotSigned returns what is signed of a group whose hash is given.
func hotSigned(hash hotHash) []byte { return append([]byte(hotSignatureContext), hash[:]...) }

// hotGroupHeader is what stands before the pushes of a group.
type hotGroupHeader struct {
	headBytes int // of the header in its version
	checksum  uint32
	length    uint32 // of the body
	file      uint64 // sequence in the file's name
	sequence  uint64 // of the first push
	pushes    uint32 // 0, in version 2: the file ends here, on purpose
	before    hotHash
	signature []byte // nil in version 2
}

// bytes is what the group takes of the file.
func (h *hotGroupHeader) bytes() int64 { return hotAligned(int64(h.headBytes) + int64(h.length)) }

func hotAligned(n int64) int64 { return (n + hotAlignBytes - 1) / hotAlignBytes * hotAlignBytes }

// appendHotGroup appends a group without what fills its last block. signature is of hotSigned.
func appendHotGroup(to []byte, file, sequence uint64, pushes []*hotPush, before hotHash, signature []byte) []byte {
	start := len(to)
	to = append(to, hotMagic...)
	to = append(to, 0, 0, 0, 0, 0, 0, 0, 0)
	to = binary.BigEndian.AppendUint64(to, file)
	to = binary.BigEndian.AppendUint64(to, sequence)
	to = binary.BigEndian.AppendUint32(to, uint32(len(pushes)))
	to = append(to, before[:]...)
	to = append(to, signature...)
	for _, p := range pushes {
		to = p.appendTo(to)
	}
	binary.BigEndian.PutUint32(to[start+12:], uint32(len(to)-start-hotGroupHead))
	binary.BigEndian.PutUint32(to[start+8:], crc32.Checksum(to[start+12:], castagnoli))
	return to
}

// hotPushBytes is what a push of events takes of a group.
func hotPushBytes(events [][]byte) int64 {
	n := int64(hotPushHead)
	for _, event := range events {
		n += hotTextHead + int64(len(event))
	}
	return n
}

// newHotPush joins the events, each after its length. bytes.Join does not clear memory before it fills it: a push costs
// little else than its copy and its hash.
func newHotPush(storeID string, events [][]byte) *hotPush {
	lengths := make([]byte, 0, len(events)*hotTextHead)
	parts := make([][]byte, 0, 2*len(events))
	for _, event := range events {
		lengths = binary.BigEndian.AppendUint32(lengths, uint32(len(event)))
		parts = append(parts, lengths[len(lengths)-hotTextHead:], event)
	}
	text := bytes.Join(parts, nil)
	return &hotPush{storeID: storeID, text: text, sum: hotPushSum(storeID, text)}
}

// hotPushSum is the SHA-256 of a push, as it lies in a group after its length.
func hotPushSum(storeID string, text []byte) (sum hotHash) {
	hash := sha256.New()
	hash.Write([]byte(storeID))
	hash.Write(text)
	hash.Sum(sum[:0])
	return sum
}

func (p *hotPush) appendTo(to []byte) []byte {
	to = binary.BigEndian.AppendUint32(to, uint32(p.logBytes()-4))
	to = append(to, p.storeID...)
	return append(to, p.text...)
}

// logBytes is what the push takes of a group.
func (p *hotPush) logBytes() int64 { return hotPushHead + int64(len(p.text)) }

// parseHotHeader reads the head of a group; false: there is none.
func parseHotHeader(head []byte) (h hotGroupHeader, ok bool) {
	if len(head) < hotGroupHead2 {
		return h, false
	}
	h = hotGroupHeader{
		headBytes: hotGroupHead2,
		checksum:  binary.BigEndian.Uint32(head[8:]), length: binary.BigEndian.Uint32(head[12:]),
		file: binary.BigEndian.Uint64(head[16:]), sequence: binary.BigEndian.Uint64(head[24:]), pushes: binary.BigEndian.Uint32(head[32:]),
	}
	switch string(head[:8]) {
	case hotMagic2:
	case hotMagic:
		if len(head) < hotGroupHead || h.pushes == 0 {
			return h, false
		}
		h.headBytes = hotGroupHead
		signature := head[hotGroupHead2+copy(h.before[:], head[hotGroupHead2:]):]
		h.signature = append([]byte(nil), signature[:hotSignatureBytes]...)
	default:
		return h, false
	}
	return h, h.length <= maxHotGroupBytes
}

// isWhole reports whether head and body are what was written.
func (h *hotGroupHeader) isWhole(head, body []byte) bool {
	return crc32.Update(crc32.Checksum(head[12:h.headBytes], castagnoli), castagnoli, body) == h.checksum
}

// parseHotPushes reads the body of a group. The events are parts of it.
func (h *hotGroupHeader) parseHotPushes(body []byte) ([]*hotPush, error) {
	var pushes []*hotPush
	for i := range h.pushes {
		rest, after, ok := cutHotText(body)
		if !ok || len(rest) < hotStoreIDBytes {
			return nil, fmt.Errorf("push %d does not fit its group", h.sequence+uint64(i))
		}
		p := readHotPush(rest, h.sequence+uint64(i))
		if _, ok := cutHotTexts(p.text); !ok {
			return nil, fmt.Errorf("an event does not fit push %d", p.sequence)
		}
		pushes = append(pushes, p)
		body = after
	}
	if len(body) > 0 {
		return nil, fmt.Errorf("%d bytes follow the last push of a group", len(body))
	}
	return pushes, nil
}

// readHotPush reads a push that was long enough to have a store's id.
func readHotPush(rest []byte, sequence uint64) *hotPush {
	storeID, text := string(rest[:hotStoreIDBytes]), rest[hotStoreIDBytes:]
	return &hotPush{storeID: storeID, text: text, sequence: sequence, sum: hotPushSum(storeID, text)}
}

// cutHotTexts lists the events of a push.
func cutHotTexts(text []byte) (events [][]byte, ok bool) {
	for len(text) > 0 {
		event, after, ok := cutHotText(text)
		if !ok {
			return nil, false
		}
		events = append(events, event)
		text = after
	}
	return events, true
}

// cutHotText cuts off what follows a length.
func cutHotText(text []byte) (first, rest []byte, ok bool) {
	if len(text) < hotTextHead {
		return nil, nil, false
	}
	n := int64(binary.BigEndian.Uint32(text))
	if text = text[hotTextHead:]; n > int64(len(text)) {
		return nil, nil, false
	}
	return text[:n:n], text[n:], true
}
