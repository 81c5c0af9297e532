package hotlog

import (
	"encoding/binary"
	"hash/crc32"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/vfs"
)

const storeID = "11111111-2222-4333-8444-555555555555"

// Whatever the file of a log holds: it is read, or refused with an error that says where it is damaged.
// What is read comes in order and keeps to the rules of groups.
func FuzzLog(f *testing.F) {
	push := func(texts ...string) *Push {
		var events [][]byte
		for _, text := range texts {
			events = append(events, []byte(text))
		}
		return NewPush(storeID, JoinTexts(events))
	}
	block := func(group []byte) []byte {
		return append(group, make([]byte, Aligned(int64(len(group)))-int64(len(group)))...)
	}
	signature := make([]byte, SignatureBytes)
	first := []*Push{push("{}", `{"a":1}`), push("{}")}
	one := block(AppendGroup(nil, 1, 1, first, Hash{}, signature))
	two := block(AppendGroup(nil, 1, 3, []*Push{push("x")}, HashAfter(Hash{}, 1, first), signature))
	other := block(AppendGroup(nil, 1, 3, []*Push{push("x")}, Hash{}, signature))
	one2 := block(inVersion2(AppendGroup(nil, 1, 1, first, Hash{}, signature)))
	two2 := block(inVersion2(AppendGroup(nil, 1, 3, []*Push{push("x")}, Hash{}, signature)))
	end := block(inVersion2(AppendGroup(nil, 1, 4, nil, Hash{}, signature)))
	stale := block(AppendGroup(nil, 0, 3, []*Push{push("old")}, Hash{}, signature))
	frame := append(binary.BigEndian.AppendUint64(nil, 1), storeID+"\x00\x00\x00\x02{}"...)
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(len(frame))), crc32.Checksum(frame, castagnoli))
	for _, content := range [][]byte{
		nil, one, slices.Concat(one, two), slices.Concat(one, other), slices.Concat(one2, two2, end), slices.Concat(one, stale), slices.Concat(one, end[:9], two), slices.Concat(one2, two),
		slices.Concat(make([]byte, AlignBytes), two), one[:50], slices.Concat([]byte(magic1), head, frame, head),
	} {
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		disk := vfs.NewMemory()
		require.NoError(t, disk.MkdirAll("/hot"))
		log := New(Options{FS: disk, Dir: "/hot"})
		file, err := disk.Create(log.path(1))
		require.NoError(t, err)
		_, err = file.Write(content)
		require.NoError(t, err)
		var read []*Push
		err = log.Recover(t.Context(), Proof{}, func(p *Push) error { read = append(read, p); return nil })
		if err != nil {
			var damaged *vfs.DamagedError
			require.ErrorAs(t, err, &damaged)
			require.Equal(t, log.path(1), damaged.Path)
			var corrupt *CorruptError
			require.ErrorAs(t, err, &corrupt)
			require.LessOrEqual(t, corrupt.Offset, int64(len(content)))
		}
		bytes := 0
		for i, p := range read {
			require.Equal(t, uint64(i+1), p.Sequence)
			bytes += int(p.Bytes())
		}
		require.LessOrEqual(t, bytes, len(content))
		if err != nil {
			return
		}
		require.Equal(t, uint64(len(read)+1), log.next)
		// The log goes on in a file of its own, and what was read is read again.
		log.publish = func([]*Push) {}
		log.sign = func([]byte) ([]byte, error) { return signature, nil }
		require.NoError(t, log.Append(push("next")))
		again := New(Options{FS: disk, Dir: "/hot"})
		n := 0
		require.NoError(t, again.Recover(t.Context(), Proof{}, func(*Push) error { n++; return nil }))
		require.Equal(t, len(read)+1, n)
	})
}

// inVersion2 returns a group as programs wrote it before the log was signed.
func inVersion2(group []byte) []byte {
	to := slices.Concat([]byte(magic2), group[8:groupHead2], group[GroupHead:])
	binary.BigEndian.PutUint32(to[8:], crc32.Checksum(to[12:], castagnoli))
	return to
}

// Whatever a slot of the end file holds: it is whole and says what was written, or it is none.
func FuzzSlot(f *testing.F) {
	f.Add([]byte(nil))
	f.Add((&Slot{Write: 1, Next: 1}).AppendTo(nil))
	f.Add((&Slot{Write: 7, File: 3, Offset: 4096, Next: 9, Copy: []byte("group")}).AppendTo(nil))
	f.Fuzz(func(t *testing.T, content []byte) {
		s, ok := ParseSlot(content)
		if !ok {
			return
		}
		written := s.AppendTo(nil)
		require.Equal(t, content[:len(written)], written)
	})
}
