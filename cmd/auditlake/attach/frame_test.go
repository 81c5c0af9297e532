package attach

import (
	"bytes"
	"encoding/binary"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFramesOutsideTheLimits(t *testing.T) {
	announce := func(k kind, length uint32) []byte {
		return binary.BigEndian.AppendUint32([]byte{byte(k), 0}, length)
	}
	for _, test := range []struct {
		name string
		in   []byte
		want string
	}{
		{"unknown kind", announce('?', 0), "unknown frame 0x3f"},
		{"long data", announce(kindData, maxDataBytes+1), "more than 65536"},
		{"long command", announce(kindCommand, 1<<31), "more than 16777216"},
		{"cancel with payload", announce(kindCancel, 1), "more than 0"},
		{"cut header", announce(kindData, 5)[:3], io.ErrUnexpectedEOF.Error()},
		{"cut payload", append(announce(kindCommand, maxCommandBytes), "half"...), io.ErrUnexpectedEOF.Error()},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newReader(bytes.NewReader(test.in))
			_, err := r.next()
			require.ErrorContains(t, err, test.want)
			require.Less(t, r.payload.Cap(), 1<<16, "memory follows the bytes, not the announcement")
		})
	}
}

func TestExitCodes(t *testing.T) {
	for _, code := range []int{0, 1, 130, -1} {
		got, err := exitFrame(code).exitCode()
		require.NoError(t, err)
		require.Equal(t, code, got)
	}
	_, err := frame{kind: kindExit, payload: []byte{1}}.exitCode()
	require.Error(t, err)
}

func FuzzFrames(f *testing.F) {
	var valid bytes.Buffer
	w := &writer{out: &valid}
	for _, frame := range []frame{
		{kind: kindCommand, payload: []byte(`{"Args":["query","SELECT 1"],"Files":{"a":"QQ=="}}`)},
		{kind: kindData, stream: streamOut, payload: []byte("x")}, {kind: kindCancel}, exitFrame(3),
	} {
		require.NoError(f, w.write(frame))
	}
	f.Add(valid.Bytes())
	f.Add([]byte{'C', 0, 0, 0, 0, 4, 'n', 'u', 'l', 'l'})
	f.Fuzz(func(t *testing.T, in []byte) {
		r := newReader(bytes.NewReader(in))
		var out bytes.Buffer
		for {
			got, err := r.next()
			if err != nil {
				break
			}
			require.NoError(t, (&writer{out: &out}).write(got))
			if c, err := decodeCommand(got); err == nil {
				require.NotNil(t, c)
			}
			_, _ = got.exitCode()
		}
		require.True(t, bytes.HasPrefix(in, out.Bytes()), "frames are written as they were read")
	})
}
