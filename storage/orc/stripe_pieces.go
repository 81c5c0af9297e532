package orc

import (
	"context"
	"iter"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// If all texts of a row group are wanted, they come in pieces from piecesFrom blocks on.
const piecesFrom = 2

// wantedPieceBytes is about the size of a piece if only some texts are wanted, unless blocks are shorter.
const wantedPieceBytes = 256 << 10

// Pieces returns rows of a column of a row group in pieces, in order; sel nil: all rows. An array is valid until
// the next one, which may use the same memory. Long texts come block by block: the caller reads them while they are
// in the processor's cache, and they never all take memory. Other columns come in one piece, as from Read. An error
// ends the sequence.
func (s *Stripe) Pieces(ctx context.Context, group int, path Path, sel []int32, usage *Usage) iter.Seq2[arrow.Array, error] {
	return func(yield func(arrow.Array, error) bool) {
		texts, err := s.openTexts(group, path, sel, usage)
		if err != nil {
			yield(nil, err)
			return
		}
		if texts == nil {
			arrays, err := s.Read(ctx, group, []Path{path}, sel, usage)
			if err != nil {
				yield(nil, err)
				return
			}
			yield(arrays[0], nil)
			return
		}
		defer texts.close()
		for texts.row < texts.rows {
			piece, err := texts.next(ctx)
			if !yield(piece, err) || err != nil {
				return
			}
		}
	}
}

// textPieces reads the texts of a row group without NULLs.
type textPieces struct {
	*textReader
	lengths []int64 // of the texts up to the last one wanted
	offsets []int32 // of all wanted texts, then of the current piece
	shared  bool    // the first block also has texts of the row group before
	rows    int     // that are wanted
	row     int     // the next row
	at      []int32 // the wanted texts; nil: all
	size    int     // of the wanted texts, in bytes
	wanted  textGatherer
	text    []byte // a text that crosses blocks, or wanted texts
}

// openTexts opens the texts of a row group if they come in pieces, else returns nil. They do not if there are NULLs
// or a dictionary, or if all are wanted and the cache has them or is to have them.
func (s *Stripe) openTexts(group int, path Path, sel []int32, usage *Usage) (texts *textPieces, err error) {
	defer s.reader.recovered(&err)
	if err := s.checkGroup(group); err != nil {
		return nil, err
	}
	if err := checkSelection(sel, s.Rows(group)); err != nil {
		return nil, err
	}
	c, err := s.reader.tree.root.find(path)
	if err != nil || !s.mayHaveLongTexts(c, group, path) || sel == nil && s.keepsTexts(c, group) {
		return nil, err
	}
	scope := &readScope{usage: usage, keeps: sel != nil}
	defer func() {
		if texts == nil {
			scope.close(&s.blocks)
		}
	}()
	reader, _, err := s.leafReader(c, path, scope)
	if err != nil {
		return nil, err
	}
	stored, ok := reader.(*textReader)
	if !ok {
		return nil, nil
	}
	if group > 0 {
		if err := stored.seek(group); err != nil {
			return nil, err
		}
	}
	chosen := choose(s.Rows(group), nil, sel)
	lengths, offsets, size, err := stored.bounds(chosen)
	if err != nil {
		return nil, err
	}
	if chosen.at != nil {
		stored.readFewBlocks(chosen, s.Rows(group))
	}
	return &textPieces{textReader: stored, lengths: lengths, offsets: offsets, shared: group > 0 && sel == nil,
		rows: chosen.rows, at: chosen.at, size: size, wanted: textGatherer{data: stored.data, lengths: lengths}}, nil
}

// mayHaveLongTexts reports whether a column can be read in pieces.
func (s *Stripe) mayHaveLongTexts(c *column, group int, path Path) bool {
	isColumn := path.Keys == nil && len(c.children) == 0 && !c.isMissing() && c.parent.parent == nil
	if !isColumn || !c.isText() || s.hasRowsApart(c) || group > 0 && !s.seekable(c) {
		return false
	}
	_, hasNulls := s.streamOf(c, orcpb.Stream_PRESENT)
	return !hasNulls
}

// keepsTexts reports whether the cache has all texts of a row group, or is to have them.
func (s *Stripe) keepsTexts(c *column, group int) bool {
	if s.reader.cache.Holds() {
		return true
	}
	key := columnKey{s.reader.id, s.number, group, c}
	if _, known := s.reader.cache.Get(key); known {
		return true
	}
	return s.reader.cache.AskedBefore(key)
}

// next returns the texts that end in the current block. Those that lie wholly in it are not copied; one that began
// in the block before comes alone.
func (p *textPieces) next(ctx context.Context) (piece arrow.Array, err error) {
	defer p.stripe.reader.recovered(&err)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if p.at != nil {
		return p.nextWanted()
	}
	if p.size < piecesFrom*p.stripe.reader.blockSize {
		text, err := p.data.readAll(p.size)
		if err != nil {
			return nil, err
		}
		return p.piece(p.offsets, text), nil
	}
	for len(p.data.block) == 0 && p.lengths[p.row] > 0 {
		if err := p.data.fill(); err != nil {
			return nil, err
		}
	}
	if p.shared && p.row == 0 {
		p.data.share()
	}
	offsets := append(p.offsets[:0], 0)
	size := int64(0)
	for _, n := range p.lengths[p.row:] {
		if size += n; size > int64(len(p.data.block)) {
			break
		}
		offsets = append(offsets, int32(size))
	}
	var text []byte
	if len(offsets) > 1 {
		text, err = p.data.take(int(offsets[len(offsets)-1]), nil)
	} else {
		n := int(p.lengths[p.row])
		p.text, err = p.data.append(p.text[:0], n)
		text, offsets = p.text, append(offsets, int32(n))
	}
	if err != nil {
		return nil, err
	}
	return p.piece(offsets, text), nil
}

// nextWanted returns the next wanted texts.
func (p *textPieces) nextWanted() (arrow.Array, error) {
	pieceBytes := min(p.stripe.reader.blockSize, wantedPieceBytes)
	if p.text == nil {
		p.text = takeBuffer(min(2*pieceBytes, p.size))
	}
	offsets := append(p.offsets[:0], 0)
	p.text = p.text[:0]
	for _, wanted := range p.at[p.row:] {
		var err error
		if p.text, err = p.wanted.append(p.text, wanted); err != nil {
			return nil, err
		}
		offsets = append(offsets, int32(len(p.text)))
		if len(p.text) >= pieceBytes {
			break
		}
	}
	return p.piece(offsets, p.text), nil
}

// piece makes the next texts an array.
func (p *textPieces) piece(offsets []int32, text []byte) arrow.Array {
	rows := len(offsets) - 1
	p.row += rows
	return array.MakeFromData(newArray(p.column.dataType, choice{rows: rows, count: rows}, nil, arrow.Int32Traits.CastToBytes(offsets), text))
}

func (p *textPieces) close() {
	giveInts(p.lengths)
	giveBuffer(p.text)
	p.scope.close(&p.stripe.blocks)
}
