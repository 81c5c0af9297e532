package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/auditlake/auditlake/internal/process"
	"github.com/auditlake/auditlake/panics"
	"github.com/auditlake/auditlake/storage/vfs"
)

// No test leaves a goroutine: an import waits for its own.
func TestMain(m *testing.M) {
	process.TempInMemory()
	goleak.VerifyTestMain(m)
}

var errDefect = errors.New("a defect")

// panicking is a source that panics in the second half of its openings: the first half is the look at each object before
// the import begins, in its caller's goroutine.
type panicking struct {
	Source
	onOpen, onRead bool
	opened         atomic.Int64
}

func (p *panicking) Open(ctx context.Context, o Object) (io.ReadCloser, error) {
	isImport := p.opened.Add(1) > importedFiles+2
	if p.onOpen && isImport {
		panic(errDefect)
	}
	in, err := p.Source.Open(ctx, o)
	if err == nil && p.onRead && isImport {
		return io.NopCloser(panickingReader{}), nil
	}
	return in, err
}

const importedFiles = 6

type panickingReader struct{}

func (panickingReader) Read([]byte) (int, error) { panic(errDefect) }

// A panic in any goroutine of an import is its error. What was committed stays, and another run brings the rest, each event
// once.
func TestPanicsOfAnImport(t *testing.T) {
	files := map[string]string{}
	for i := range importedFiles {
		files[fmt.Sprint(i)] = logFile(event(fmt.Sprintf("a%d", i), 2), event(fmt.Sprintf("b%d", i), 1))
	}
	for _, c := range []struct {
		name   string
		work   string
		source *panicking
		fault  *vfs.Fault
	}{
		{"reading", "reading of an import", &panicking{onRead: true}, nil},
		{"opening", "reading of an import", &panicking{onOpen: true}, nil},
		{"writing", "writing of a day", &panicking{}, &vfs.Fault{Op: vfs.OpCreate, Err: errDefect, Panic: true, Times: 1}},
		{"commit", "commit of an import", &panicking{}, &vfs.Fault{Op: vfs.OpRename, Err: errDefect, Panic: true, Times: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLake(t, 366)
			c.source.Source = objects(files)
			l.disk.Set(c.fault)
			_, _, err := l.tryRun(t, t.Context(), c.source, Options{Workers: 2})
			l.disk.Set(nil)
			var caught *panics.Error
			require.ErrorAs(t, err, &caught)
			require.Equal(t, c.work, caught.Work)
			require.ErrorIs(t, err, errDefect)
			l.run(t, objects(files), Options{})
			require.Len(t, l.texts(t), 2*importedFiles)
			l.reopen(t)
			require.Len(t, l.texts(t), 2*importedFiles)
		})
	}
}
