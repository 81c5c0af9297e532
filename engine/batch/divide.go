package batch

// Divide does so many pieces of work, numbered from 0, perhaps several at the same time, and returns when all are done.
type Divide func(pieces int, do func(piece int))

// InTurn is a Divide that does one piece after the other.
func InTurn(pieces int, do func(piece int)) {
	for piece := range pieces {
		do(piece)
	}
}

// PieceRows are the rows of a piece of Divide.Rows: so many that handing it to a worker costs nothing beside it, and whole bytes of a bitmap.
const PieceRows = 1 << 13

// piecesOf is into how many pieces rows are divided.
func piecesOf(rows int) int { return (rows + PieceRows - 1) / PieceRows }

// Rows does pieces of rows, each from one on up to another.
func (d Divide) Rows(rows int, do func(piece, from, to int)) {
	d(piecesOf(rows), func(piece int) { do(piece, piece*PieceRows, min(rows, (piece+1)*PieceRows)) })
}

// texts does pieces of texts, which take longer than rows do.
func (d Divide) texts(texts int, do func(from, to int)) {
	const pieceTexts = PieceRows / 2
	d((texts+pieceTexts-1)/pieceTexts, func(piece int) { do(piece*pieceTexts, min(texts, (piece+1)*pieceTexts)) })
}

// copyText copies a text to where it has room, as AppendText appends it.
func copyText(to, text []byte) {
	for len(text) > pieceBytes {
		copyTextPiece(to, text[:pieceBytes])
		to, text = to[pieceBytes:], text[pieceBytes:]
	}
	copy(to, text)
}

//go:noinline
func copyTextPiece(to, text []byte) { copy(to, text) }
