package batch

import (
	"unsafe"

	"github.com/auditlake/auditlake/largepages"
)

// pieceBytes is the most that is copied between two points at which the runtime can stop a goroutine.
const pieceBytes = 16 << 10

// AppendText appends a text to dst, as append does, but copies a long text, or a long dst that must grow, in
// pieces.
//
// The runtime cannot stop a goroutine while it copies, and when the garbage collector stops all goroutines, every
// query of the process waits for that one. Each piece is a call, at which the runtime can stop it.
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

// withRoom returns dst with room to append more values.
func withRoom[T any](dst []T, more int) []T {
	if cap(dst)-len(dst) >= more {
		return dst
	}
	return withMoreRoom(dst, more)
}

// withMoreRoom is withRoom for a slice without room. It is a function of its own so that the compiler inlines
// withRoom into the loops that call it.
func withMoreRoom[T any](dst []T, more int) []T {
	var one T
	grown := make([]T, 0, grownCapacity(cap(dst), len(dst)+more, int(unsafe.Sizeof(one))))
	largepages.Made(grown)
	return appendPieces(grown, dst)
}

// maxDoubledBytes is the size up to which a growing slice doubles. Doubling copies about as many bytes as the slice
// ends with. Growing by a quarter copies four times as many, but takes less memory.
const maxDoubledBytes = 16 << 20

// grownCapacity returns the capacity, in entries, of a slice that grows to length.
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
