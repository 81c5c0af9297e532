package hotlog

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/vfs"
)

func contentOf(t *testing.T, disk vfs.FS, path string) []byte {
	t.Helper()
	info, err := disk.Stat(path)
	require.NoError(t, err)
	file, err := disk.Open(path)
	require.NoError(t, err)
	content := make([]byte, info.Size())
	_, err = file.ReadAt(content, 0)
	require.NoError(t, ioError(err))
	require.NoError(t, file.Close())
	return content
}

func setContent(t *testing.T, disk vfs.FS, path string, content []byte) {
	t.Helper()
	file, err := disk.Create(path)
	require.NoError(t, err)
	_, err = file.Write(content)
	require.NoError(t, err)
	require.NoError(t, errors.Join(file.Sync(), file.Close()))
}

// recovered returns the texts of the pushes that a log on a disk has, each of one event.
func recovered(t *testing.T, disk vfs.FS, proof Proof) (log *Log, texts []string, err error) {
	t.Helper()
	log = New(Options{FS: disk, Dir: "/hot", Sign: sign, Publish: func([]*Push) {}})
	err = log.Recover(t.Context(), proof, func(p *Push) error {
		texts = append(texts, string(p.Text[TextHead:]))
		return nil
	})
	return log, texts, err
}

// A last group that the log lost is put back from the end file, into a file of its own if that is gone, too.
func TestLostGroupIsPutBack(t *testing.T) {
	for _, mayWrite := range []bool{true, false} {
		for _, isFileGone := range []bool{false, true} {
			t.Run(fmt.Sprintf("may write: %v, file gone: %v", mayWrite, isFileGone), func(t *testing.T) {
				disk := newDisk(t)
				log, _ := openedLog(t, disk)
				require.NoError(t, log.Append(pushOf("a")))
				if isFileGone {
					log.BeginFile()
				}
				require.NoError(t, log.Append(pushOf("b")))
				log.Wait()
				require.NoError(t, log.Close())
				if isFileGone {
					require.NoError(t, disk.Remove(log.path(2)))
				} else {
					setContent(t, disk, log.path(1), contentOf(t, disk, log.path(1))[:AlignBytes])
				}
				proof := Proof{IsSigned: isSigned, MayWrite: mayWrite}
				again, texts, err := recovered(t, disk, proof)
				require.NoError(t, err)
				require.Equal(t, []string{"a", "b"}, texts)
				require.EqualValues(t, 3, again.Next())
				if mayWrite { // it is in the log from now on
					require.NoError(t, disk.Remove(again.EndPath()))
					_, texts, err = recovered(t, disk, Proof{IsSigned: isSigned})
					require.ErrorIs(t, err, ErrNoEnd)
					require.Equal(t, []string{"a", "b"}, texts)
				}
			})
		}
	}
}

// A group before the last one that is lost is an error that names the file, and so is a log without any of its files.
func TestLostGroups(t *testing.T) {
	disk := newDisk(t)
	log, _ := openedLog(t, disk)
	for _, text := range []string{"a", "b", "c"} {
		require.NoError(t, log.Append(pushOf(text)))
	}
	log.Wait()
	require.NoError(t, log.Close())
	content := contentOf(t, disk, log.path(1))
	for name, left := range map[string][]byte{"one group left": content[:AlignBytes], "none left": nil} {
		setContent(t, disk, log.path(1), left)
		_, _, err := recovered(t, disk, Proof{IsSigned: isSigned})
		var damaged *vfs.DamagedError
		require.ErrorAs(t, err, &damaged, name)
		require.Equal(t, log.path(1), damaged.Path)
		var corrupt *CorruptError
		require.ErrorAs(t, err, &corrupt)
		require.ErrorContains(t, err, "missing")
	}
	require.NoError(t, disk.Remove(log.path(1)))
	_, _, err := recovered(t, disk, Proof{IsSigned: isSigned})
	require.ErrorAs(t, err, new(*vfs.DamagedError))
}

// A signature of another key is no proof, and one of the lake's key that was replaced is none either.
func TestGroupsThatAreNotSigned(t *testing.T) {
	disk := newDisk(t)
	log, _ := openedLog(t, disk)
	require.NoError(t, log.Append(pushOf("a")))
	log.Wait()
	require.NoError(t, log.Close())
	_, _, err := recovered(t, disk, Proof{IsSigned: func([]byte, []byte) (bool, error) { return false, nil }})
	require.ErrorContains(t, err, "pushes 1 to 1 are not signed by the lake's key")
	_, _, err = recovered(t, disk, Proof{IsSigned: func([]byte, []byte) (bool, error) { return false, errors.New("no keys") }})
	require.ErrorContains(t, err, "no keys")
}

// A group too large for the end file is said to be acknowledged once pushes pause: from then on it must be there.
func TestLargeGroup(t *testing.T) {
	disk := newDisk(t)
	log, _ := openedLog(t, disk)
	large := strings.Repeat("l", 2*SlotBytes)
	require.NoError(t, log.Append(pushOf("a")))
	require.NoError(t, log.Append(pushOf(large)))
	log.Wait() // for the end file, too
	require.False(t, log.end.isOpen)
	require.NoError(t, log.Close())
	_, texts, err := recovered(t, disk, Proof{IsSigned: isSigned})
	require.NoError(t, err)
	require.Equal(t, []string{"a", large}, texts)
	setContent(t, disk, log.path(1), contentOf(t, disk, log.path(1))[:2*AlignBytes])
	_, _, err = recovered(t, disk, Proof{IsSigned: isSigned})
	require.ErrorAs(t, err, new(*vfs.DamagedError))
}

// A file whose pushes are flushed is written over, and what it held does not come back.
func TestFilesAreWrittenOver(t *testing.T) {
	disk := newDisk(t)
	log, _ := openedLog(t, disk)
	for _, text := range []string{"a", "b", "c"} {
		require.NoError(t, log.Append(pushOf(text)))
	}
	log.Wait()
	require.NoError(t, log.Remove(3))
	require.EqualValues(t, 1, log.spare)
	require.NoError(t, log.Append(pushOf("d")))
	log.Wait()
	files, err := log.ListFiles()
	require.NoError(t, err)
	require.Equal(t, []uint64{4}, files, "the file has another name")
	require.NoError(t, log.Close())
	_, texts, err := recovered(t, disk, Proof{IsSigned: isSigned, Flushed: 3})
	require.NoError(t, err)
	require.Equal(t, []string{"d"}, texts)
	_, _, err = recovered(t, disk, Proof{IsSigned: isSigned, Flushed: 1})
	require.ErrorContains(t, err, "pushes 2 to 3 are missing")
}

// Bytes of a group that change are seen by its checksum; what is whole before it is read.
func TestReadGroups(t *testing.T) {
	first, second := []*Push{pushOf("a"), pushOf("b")}, []*Push{pushOf("c")}
	signature := make([]byte, SignatureBytes)
	block := func(group []byte) []byte {
		return append(group, make([]byte, Aligned(int64(len(group)))-int64(len(group)))...)
	}
	content := slices.Concat(block(AppendGroup(nil, 7, 7, first, Hash{}, signature)), block(AppendGroup(nil, 7, 9, second, HashAfter(Hash{}, 7, first), signature)))
	count := func(content []byte) (texts []string, next uint64, err error) {
		next, err = ReadGroups(content, 7, func(h *GroupHeader, pushes []*Push) error {
			require.EqualValues(t, 7, h.File)
			for _, p := range pushes {
				events, ok := CutTexts(p.Text)
				require.True(t, ok)
				require.EqualValues(t, JoinTexts(events).PushBytes(), p.Bytes())
				texts = append(texts, string(events[0]))
			}
			return nil
		})
		return texts, next, err
	}
	texts, next, err := count(content)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b", "c"}, texts)
	require.EqualValues(t, 10, next)
	for at := range GroupHead + PushHead + TextHead + 1 {
		damaged := slices.Clone(content)
		damaged[AlignBytes+at] ^= 1
		texts, next, err = count(damaged)
		require.NoError(t, err, "byte %d", at)
		require.Equal(t, []string{"a", "b"}, texts, "byte %d", at)
		require.EqualValues(t, 9, next)
		damaged = slices.Clone(content)
		damaged[at] ^= 1
		_, _, err = count(damaged)
		require.ErrorAs(t, err, new(*CorruptError), "byte %d", at)
	}
	stop := errors.New("enough")
	_, err = ReadGroups(content, 7, func(*GroupHeader, []*Push) error { return stop })
	require.ErrorIs(t, err, stop)
}

// A writer that panics ends no process: its push fails, and so do those to come.
func TestWriterThatPanics(t *testing.T) {
	disk := newDisk(t)
	log := New(Options{FS: disk, Dir: "/hot", Publish: func([]*Push) {}, Sign: func([]byte) ([]byte, error) { panic("a defect") }})
	require.NoError(t, log.Recover(t.Context(), Proof{}, func(*Push) error { return nil }))
	require.ErrorContains(t, log.Append(pushOf("a")), "a defect")
	require.ErrorContains(t, log.Append(pushOf("b")), "a defect")
	require.Error(t, log.Failure())
	require.NoError(t, log.Close())
}

// A log that is recovered stops with the error of who takes the pushes, and with a folder that cannot be read.
func TestRecoverThatFails(t *testing.T) {
	disk := newDisk(t)
	faults := vfs.NewInjector(disk)
	log, _ := openedLog(t, faults)
	require.NoError(t, log.Append(pushOf("a")))
	log.Wait()
	require.NoError(t, log.Close())
	stop := errors.New("enough")
	require.ErrorIs(t, New(Options{FS: disk, Dir: "/hot"}).Recover(t.Context(), Proof{}, func(*Push) error { return stop }), stop)
	broken := errors.New("broken disk")
	for _, op := range []vfs.Op{vfs.OpReadDir, vfs.OpOpen, vfs.OpRead, vfs.OpStat} {
		faults.Set(&vfs.Fault{Op: op, Err: broken})
		_, _, err := recovered(t, faults, Proof{IsSigned: isSigned})
		require.ErrorIs(t, err, broken, op)
	}
	faults.Set(nil)
	hasEnd, err := New(Options{FS: disk, Dir: "/hot"}).HasEnd()
	require.NoError(t, err)
	require.True(t, hasEnd)
	require.NoError(t, log.MakeEnd(2, log.Hash()))
	_, texts, err := recovered(t, disk, Proof{IsSigned: isSigned})
	require.NoError(t, err)
	require.Equal(t, []string{"a"}, texts)
}

// A write that fails is not there afterwards, whichever operation it was, and the next push goes into another file.
func TestWritesThatFail(t *testing.T) {
	for _, op := range []vfs.Op{vfs.OpCreate, vfs.OpReopen, vfs.OpWrite, vfs.OpSync, vfs.OpSyncDir, vfs.OpRename} {
		t.Run(string(op), func(t *testing.T) {
			disk := newDisk(t)
			faults := vfs.NewInjector(disk)
			log, _ := openedLog(t, faults)
			broken := errors.New("broken disk")
			faults.Set(&vfs.Fault{Op: op, Err: broken, Times: 1})
			require.ErrorIs(t, log.Append(pushOf("lost")), broken)
			require.NoError(t, log.Append(pushOf("kept")))
			log.Wait()
			require.NoError(t, log.Close())
			_, texts, err := recovered(t, disk, Proof{IsSigned: isSigned})
			require.NoError(t, err)
			require.Equal(t, []string{"kept"}, texts)
		})
	}
}

// An event's head that is longer than what is left is no event.
func TestCutTexts(t *testing.T) {
	_, ok := CutTexts([]byte{0, 0, 0, 2, 'a'})
	require.False(t, ok)
	_, ok = CutTexts([]byte{0, 0, 0})
	require.False(t, ok)
}
