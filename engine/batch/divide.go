package batch

import "slices"

// Divide calls do for each piece in [0, pieces), perhaps several in parallel, and returns when all are done.
type Divide func(pieces int, do func(piece int))

// InTurn is a Divide that does one piece after another.
func InTurn(pieces int, do func(piece int)) {
	for piece := range pieces {
		do(piece)
	}
}

// PieceRows is the number of rows of a piece of Divide.Rows. It is large enough that handing a piece to a worker
// costs next to nothing, and a multiple of 8, so that pieces share no byte of a bitmap.
const PieceRows = 1 << 13

// PiecesOf returns the number of pieces into which Divide.Rows divides rows.
func PiecesOf(rows int) int { return (rows + PieceRows - 1) / PieceRows }

// Rows divides rows into pieces and calls do with the rows [from, to) of each.
func (d Divide) Rows(rows int, do func(piece, from, to int)) {
	d(PiecesOf(rows), func(piece int) { do(piece, piece*PieceRows, min(rows, (piece+1)*PieceRows)) })
}

// texts is Rows for texts, which take longer per row and so come in smaller pieces.
func (d Divide) texts(texts int, do func(from, to int)) {
	const pieceTexts = PieceRows / 2
	d((texts+pieceTexts-1)/pieceTexts, func(piece int) { do(piece*pieceTexts, min(texts, (piece+1)*pieceTexts)) })
}

// bytes divides texts into pieces of about equally many bytes, and calls do with the texts [from, to) of each.
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

// CopyText copies a text into to, which has room for it, in pieces, as AppendText does.
func CopyText[S ~string | ~[]byte](to []byte, text S) {
	for len(text) > pieceBytes {
		copyTextPiece(to, text[:pieceBytes])
		to, text = to[pieceBytes:], text[pieceBytes:]
	}
	copy(to, text)
}

//go:noinline
func copyTextPiece[S ~string | ~[]byte](to []byte, text S) { copy(to, text) }
