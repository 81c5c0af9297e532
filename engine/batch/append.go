package batch

import (
	"unsafe"

	"github.com/auditlake/auditlake/largepages"
)

// pieceBytes is what is copied between two points at which the runtime can stop a goroutine.
const pieceBytes = 16 << 10

// AppendText appends a text to dst, as append does. The runtime cannot stop a goroutine while it copies, and hardly ever one whose
// loop does nothing else; when the garbage collector stops all of them, each query of the process waits for it. So a long text is
// copied in pieces, each by a call at which the runtime can stop it, and so is a long dst that has no room.
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
	grown := make([]T, 0, max(len(dst)+more, cap(dst)+cap(dst)/4))
	largepages.Made(grown)
	return appendPieces(grown, dst)
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
