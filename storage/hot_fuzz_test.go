package storage

import (
	"encoding/binary"
	"hash/crc32"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/vfs"
)

// Whatever the file of a log holds: it is read, or refused with an error that says where it is damaged.
// What is read comes in order and keeps to the rules of groups.
func FuzzHotLog(f *testing.F) {
	push := func(texts ...string) *hotPush {
		var events [][]byte
		for _, text := range texts {
			events = append(events, []byte(text))
		}
		return newHotPush(storeID, events)
	}
	block := func(group []byte) []byte {
		return append(group, make([]byte, hotAligned(int64(len(group)))-int64(len(group)))...)
	}
	signature := make([]byte, hotSignatureBytes)
	first := []*hotPush{push("{}", `{"a":1}`), push("{}")}
	one := block(appendHotGroup(nil, 1, 1, first, hotHash{}, signature))
	two := block(appendHotGroup(nil, 1, 3, []*hotPush{push("x")}, hotHashAfter(hotHash{}, 1, first), signature))
	other := block(appendHotGroup(nil, 1, 3, []*hotPush{push("x")}, hotHash{}, signature))
	one2 := block(appendHotGroup2(nil, 1, 1, first))
	two2 := block(appendHotGroup2(nil, 1, 3, []*hotPush{push("x")}))
	end := block(appendHotGroup2(nil, 1, 4, nil))
	stale := block(appendHotGroup(nil, 0, 3, []*hotPush{push("old")}, hotHash{}, signature))
	frame := append(binary.BigEndian.AppendUint64(nil, 1), storeID+"\x00\x00\x00\x02{}"...)
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(len(frame))), crc32.Checksum(frame, castagnoli))
	for _, content := range [][]byte{
		nil, one, slices.Concat(one, two), slices.Concat(one, other), slices.Concat(one2, two2, end), slices.Concat(one, stale), slices.Concat(one, end[:9], two), slices.Concat(one2, two),
		slices.Concat(make([]byte, hotAlignBytes), two), one[:50], slices.Concat([]byte(hotMagic1), head, frame, head),
	} {
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		disk := vfs.NewMemory()
		require.NoError(t, disk.MkdirAll("/hot"))
		log := &hotLog{fs: disk, dir: "/hot"}
		file, err := disk.Create(log.path(1))
		require.NoError(t, err)
		_, err = file.Write(content)
		require.NoError(t, err)
		var read []*hotPush
		err = log.recover(ctx, hotProof{}, func(p *hotPush) error { read = append(read, p); return nil })
		if err != nil {
			requireDamaged(t, err, filepath.Join("/hot", filepath.Base(log.path(1))))
			var corrupt *CorruptLogError
			require.ErrorAs(t, err, &corrupt)
			require.LessOrEqual(t, corrupt.Offset, int64(len(content)))
		}
		bytes := 0
		for i, p := range read {
			require.Equal(t, uint64(i+1), p.sequence)
			bytes += int(p.logBytes())
		}
		require.LessOrEqual(t, bytes, len(content))
		if err != nil {
			return
		}
		require.Equal(t, uint64(len(read)+1), log.next)
		// The log goes on in a file of its own, and what was read is read again.
		log.publish = func([]*hotPush) {}
		log.sign = func([]byte) ([]byte, error) { return signature, nil }
		require.NoError(t, log.append(push("next")))
		again := &hotLog{fs: disk, dir: "/hot"}
		n := 0
		require.NoError(t, again.recover(ctx, hotProof{}, func(*hotPush) error { n++; return nil }))
		require.Equal(t, len(read)+1, n)
	})
}

// appendHotGroup2 appends a group of version 2, as programs wrote it before the log was signed.
func appendHotGroup2(to []byte, file, sequence uint64, pushes []*hotPush) []byte {
	start := len(to)
	to = append(to, hotMagic2...)
	to = append(to, 0, 0, 0, 0, 0, 0, 0, 0)
	to = binary.BigEndian.AppendUint64(to, file)
	to = binary.BigEndian.AppendUint64(to, sequence)
	to = binary.BigEndian.AppendUint32(to, uint32(len(pushes)))
	for _, p := range pushes {
		to = p.appendTo(to)
	}
	binary.BigEndian.PutUint32(to[start+12:], uint32(len(to)-start-hotGroupHead2))
	binary.BigEndian.PutUint32(to[start+8:], crc32.Checksum(to[start+12:], castagnoli))
	return to
}
