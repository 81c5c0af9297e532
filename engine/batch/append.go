package batch

import (
	"unsafe"

	"github.com/auditlake/auditlake/largepages"
)

// pieceBytes is what is copied between two points at which the runtime can stop a goroutine.
const pieceBytes = 16 << 10

// AppendText appends a text to dst, as append does. The runtime cannot stop a goroutine while it copies, and hardly
// ever one whose loop does nothing else; when the garbage collector stops all of them, each query of the process
// waits for it. So a long text is copied in pieces, each by a call at which the runtime can stop it, and so is a long
// dst that has no room.
func AppendText[S ~string | ~[]byte](dst []byte, text S) []byte {
	if len(text) <= pieceBytes && (len(text) <= cap(dst)-len(dst) || cap(dst) <= pieceBytes) {
		return append(dst, text...)
	}
	return appendLongText(dst, text)
}

func appendLongText[S ~string | ~[]byte](dst []byte, text S) []byte {
	dst = withRoom(dst, len(text))
	for len(text) > pieceBytes {
		dst = appendTextPiece(dst, text[:pieceBytes])
		text = text[pieceBytes:]
	}
	return appendTextPiece(dst, text)
}

//go:noinline
func appendTextPiece[S ~string | ~[]byte](dst []byte, text S) []byte { return append(dst, text...) }

// Append appends values to dst in pieces, as AppendText does.
func Append[T any](dst, values []T) []T { return appendPieces(withRoom(dst, len(values)), values) }

// withRoom returns dst with room for more values.
func withRoom[T any](dst []T, more int) []T {
	if cap(dst)-len(dst) >= more {
		return dst
	}
	return withMoreRoom(dst, more)
}

// withMoreRoom is withRoom of a slice that has none. It stands alone so that the compiler puts withRoom into the
// loops that call it.
func withMoreRoom[T any](dst []T, more int) []T {
	var one T
	grown := make([]T, 0, grownCapacity(cap(dst), len(dst)+more, int(unsafe.Sizeof(one))))
	largepages.Made(grown)
	return appendPieces(grown, dst)
}

// maxDoubledBytes is up to where a slice that grows doubles: what is copied is then as much as the slice becomes, and
// four times as much where it grows by a quarter, which takes less memory.
const maxDoubledBytes = 16 << 20

// grownCapacity is how many entries a slice has room for after it grew to a length.
func grownCapacity(capacity, length, entryBytes int) int {
	if capacity*entryBytes <= maxDoubledBytes {
		return max(length, 2*capacity)
	}
	return max(length, capacity+capacity/4)
}

func appendPieces[T any](dst, values []T) []T {
	var one T
	piece := pieceBytes / max(1, int(unsafe.Sizeof(one)))
	for len(values) > piece {
		dst = appendPiece(dst, values[:piece])
		values = values[piece:]
	}
	return appendPiece(dst, values)
}

//go:noinline
func appendPiece[T any](dst, values []T) []T { return append(dst, values...) }
