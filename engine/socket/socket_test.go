package socket

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFolderThatOthersMayEnter(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "shared")
	require.NoError(t, os.Mkdir(dir, 0o700))
	warning, err := makePrivate(dir)
	require.NoError(t, err)
	require.Empty(t, warning)
	require.NoError(t, os.Chmod(dir, 0o755))
	warning, err = makePrivate(dir)
	require.NoError(t, err)
	require.Equal(t, dir+" was open to other users (mode 0755); now only its owner can use it", warning)
	info, err := os.Stat(dir)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(t.TempDir(), link))
	_, err = makePrivate(link)
	require.ErrorContains(t, err, "not a private folder")
}

// frameOf is what a holder sends first.
func frameOf(kind byte, text string) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{kind, 0}, uint32(len(text))), text...)
}

func TestReadGreeting(t *testing.T) {
	dir := t.TempDir()
	g, err := NewGreeting(dir, true)
	require.NoError(t, err)
	require.NoError(t, g.CheckQueries(dir))
	require.NoError(t, g.CheckCommands(dir))
	require.ErrorIs(t, g.CheckQueries(t.TempDir()), ErrNoHolder, "a copied link leads to another lake's holder")

	older := Greeting{Protocol: CommandProtocol, Program: g.Program, PID: 7, Folder: g.Folder}
	require.NoError(t, older.CheckCommands(dir))
	require.ErrorContains(t, older.CheckQueries(dir), "process 7 holds the lake and is another version of auditlake")

	gone := filepath.Join(dir, "gone")
	_, err = NewGreeting(gone, true)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorIs(t, g.CheckQueries(gone), os.ErrNotExist)
	newer := g
	newer.Protocol++
	require.ErrorContains(t, newer.CheckCommands(dir), "protocol 4; this is")
	other := g
	other.Program = "v99"
	require.ErrorContains(t, other.CheckCommands(dir), "another version of auditlake (v99")
	require.NoError(t, other.CheckQueries(dir), "statements mean the same to all versions")

	for name, sent := range map[string][]byte{
		"nothing": {}, "half a header": {'G', 0, 0}, "less than it says": frameOf('G', `{"protocol":3}`)[:12],
	} {
		_, err := ReadGreeting(bytes.NewReader(sent))
		require.True(t, errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF), "%s: %v", name, err)
	}
	for name, sent := range map[string][]byte{
		"another kind": frameOf('X', "{}"), "too long": {'G', 0, 1, 0, 0, 0}, "no JSON": frameOf('G', "{"),
	} {
		_, err := ReadGreeting(bytes.NewReader(sent))
		require.ErrorIs(t, err, ErrNotAuditlake, name)
	}
	var asked bytes.Buffer
	require.NoError(t, AskForHTTP(&asked))
	require.Equal(t, frameOf(HTTPRequest, ""), asked.Bytes())

	in := bytes.NewBuffer(append(frameOf('G', `{"protocol":3,"program":"v1","pid":7,"folder":"1:2","queries":1}`), "HTTP"...))
	g, err = ReadGreeting(in)
	require.NoError(t, err)
	require.Equal(t, Greeting{Protocol: 3, Program: "v1", PID: 7, Folder: "1:2", Queries: 1}, g)
	require.Equal(t, "HTTP", in.String(), "what follows is not read")
}

func FuzzReadGreeting(f *testing.F) {
	f.Fuzz(func(t *testing.T, sent []byte) {
		in := bytes.NewReader(sent)
		if _, err := ReadGreeting(in); err == nil {
			require.LessOrEqual(t, len(sent)-in.Len(), headerBytes+MaxGreetingBytes)
		}
	})
}
