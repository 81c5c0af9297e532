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
	one := block(appendHotGroup(nil, 1, 1, []*hotPush{push("{}", `{"a":1}`), push("{}")}))
	two := block(appendHotGroup(nil, 1, 3, []*hotPush{push("x")}))
	end := block(appendHotGroup(nil, 1, 4, nil))
	stale := block(appendHotGroup(nil, 0, 3, []*hotPush{push("old")}))
	frame := append(binary.BigEndian.AppendUint64(nil, 1), storeID+"\x00\x00\x00\x02{}"...)
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(len(frame))), crc32.Checksum(frame, castagnoli))
	for _, content := range [][]byte{
		nil, one, slices.Concat(one, two), slices.Concat(one, two, end), slices.Concat(one, stale), slices.Concat(one, end[:9], two),
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
		err = log.recover(ctx, 0, func(p *hotPush) error { read = append(read, p); return nil })
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
		require.NoError(t, log.append(push("next")))
		again := &hotLog{fs: disk, dir: "/hot"}
		n := 0
		require.NoError(t, again.recover(ctx, 0, func(*hotPush) error { n++; return nil }))
		require.Equal(t, len(read)+1, n)
	})
}
