package attach

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"

	"github.com/auditlake/auditlake/engine/socket"
)

// kind is what a frame is. The holder greets; the client sends its command; the
// holder says that it has started, then what the command writes, then its end.
// socket.CommandProtocol grows with every change of frames and their meaning.
type kind byte

const (
	kindGreeting kind = 'G'                // holder: a greeting as JSON
	kindCommand  kind = 'C'                // client: a Command as JSON
	kindHTTP     kind = socket.HTTPRequest // client: HTTP follows, not frames
	kindCancel   kind = 'X'                // client: end the command
	kindStarted  kind = 'S'                // holder: from here on the command may have an effect
	kindData     kind = 'D'                // holder: bytes for a stream
	kindCreate   kind = 'F'                // holder: a new stream, into the file of this name
	kindClose    kind = 'K'                // holder: the file of a stream is complete
	kindRemove   kind = 'R'                // holder: remove the file of a stream
	kindAlive    kind = 'L'                // holder: a sign of life, while the command has nothing to write
	kindExit     kind = 'E'                // holder: the exit code, 4 bytes
	kindAgain    kind = 'A'                // holder: it ends; the command can be executed again
)

// Streams of a command. Files have the numbers after.
const (
	streamOut byte = 1
	streamErr byte = 2
)

const (
	headerBytes     = 6 // kind, stream, length in 4 bytes, most significant first
	maxDataBytes    = 64 << 10
	maxCommandBytes = 16 << 20
	maxFiles        = 16 // that one command may write
)

// frame is a message of either side.
type frame struct {
	kind    kind
	stream  byte
	payload []byte
}

// maxPayload is how long a frame of the kind may be.
func (k kind) maxPayload() int64 {
	switch k {
	case kindCommand:
		return maxCommandBytes
	case kindGreeting, kindData, kindCreate:
		return maxDataBytes
	case kindExit:
		return 4
	}
	return 0
}

func (k kind) known() bool { return bytes.IndexByte([]byte("GCHXSDFKREAL"), byte(k)) >= 0 }

// reader cuts a stream of bytes into frames.
type reader struct {
	in      *bufio.Reader
	payload bytes.Buffer
}

func newReader(in io.Reader) *reader { return &reader{in: bufio.NewReaderSize(in, maxDataBytes)} }

// next reads a frame; its payload is valid until the following call. Memory grows
// with the bytes that arrive, whatever length is announced.
func (r *reader) next() (frame, error) {
	var header [headerBytes]byte
	if _, err := io.ReadFull(r.in, header[:]); err != nil {
		return frame{}, err
	}
	f := frame{kind: kind(header[0]), stream: header[1]}
	length := int64(binary.BigEndian.Uint32(header[2:]))
	if !f.kind.known() {
		return frame{}, fmt.Errorf("unknown frame %#x", header[0])
	}
	if length > f.kind.maxPayload() {
		return frame{}, fmt.Errorf("frame %c of %d bytes: more than %d", f.kind, length, f.kind.maxPayload())
	}
	r.payload.Reset()
	if _, err := io.CopyN(&r.payload, r.in, length); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return frame{}, err
	}
	f.payload = r.payload.Bytes()
	return f, nil
}

// exitCode reads the payload of an exit frame.
func (f frame) exitCode() (int, error) {
	if len(f.payload) != 4 {
		return 0, fmt.Errorf("exit frame of %d bytes", len(f.payload))
	}
	return int(int32(binary.BigEndian.Uint32(f.payload))), nil
}

func exitFrame(code int) frame {
	return frame{kind: kindExit, payload: binary.BigEndian.AppendUint32(nil, uint32(int32(code)))}
}

// writer sends frames, each at once. It is safe for concurrent use. After an
// error, which may have cut a frame, nothing more is sent.
type writer struct {
	mu     sync.Mutex
	out    io.Writer
	failed error // mu
}

func (w *writer) write(f frame) error {
	header := make([]byte, headerBytes)
	header[0], header[1] = byte(f.kind), f.stream
	binary.BigEndian.PutUint32(header[2:], uint32(len(f.payload)))
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed == nil {
		buffers := net.Buffers{header, f.payload}
		_, w.failed = buffers.WriteTo(w.out)
	}
	return w.failed
}
