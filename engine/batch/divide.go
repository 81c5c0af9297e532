package batch

import "slices"

// Divide does so many pieces of work, numbered from 0, perhaps several at the same time, and returns when all are done.
type Divide func(pieces int, do func(piece int))

// InTurn is a Divide that does one piece after the other.
func InTurn(pieces int, do func(piece int)) {
	for piece := range pieces {
		do(piece)
	}
}

// PieceRows are the rows of a piece of Divide.Rows: so many that handing it to a worker costs nothing beside it, and
// whole bytes of a bitmap.
const PieceRows = 1 << 13

// PiecesOf is into how many pieces Divide.Rows divides rows.
func PiecesOf(rows int) int { return (rows + PieceRows - 1) / PieceRows }

// Rows does pieces of rows, each from one on up to another.
func (d Divide) Rows(rows int, do func(piece, from, to int)) {
	d(PiecesOf(rows), func(piece int) { do(piece, piece*PieceRows, min(rows, (piece+1)*PieceRows)) })
}

// texts does pieces of texts, which take longer than rows do.
func (d Divide) texts(texts int, do func(from, to int)) {
	const pieceTexts = PieceRows / 2
	d((texts+pieceTexts-1)/pieceTexts, func(piece int) { do(piece*pieceTexts, min(texts, (piece+1)*pieceTexts)) })
}

// bytes does pieces of texts by their bytes: pieces from one text on up to another, in each of which about as many
// bytes begin.
func (d Divide) bytes(offsets []int32, do func(from, to int)) {
	const dividedBytes = 1 << 20
	texts := len(offsets) - 1
	if texts == 0 {
		return
	}
	last := int(offsets[texts]) / dividedBytes
	first := func(piece int) int {
		at, _ := slices.BinarySearch(offsets[:texts], int32(piece*dividedBytes))
		return at
	}
	d(last+1, func(piece int) {
		if piece == last {
			do(first(piece), texts)
			return
		}
		do(first(piece), first(piece+1))
	})
}

// CopyText copies a text to where it has room, as AppendText appends it.
func CopyText[S ~string | ~[]byte](to []byte, text S) {
	for len(text) > pieceBytes {
		copyTextPiece(to, text[:pieceBytes])
		to, text = to[pieceBytes:], text[pieceBytes:]
	}
	copy(to, text)
}

//go:noinline
func copyTextPiece[S ~string | ~[]byte](to []byte, text S) { copy(to, text) }
