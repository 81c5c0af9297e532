package function

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/javaregexp"
	"github.com/auditlake/auditlake/engine/function/internal/like"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
)

// TextSearch finds the texts in which a search finds anything, such as lower(text) LIKE '%secret%', where they lie:
// without writing them in another case, and without gathering some of them first. It is safe for concurrent use.
type TextSearch struct{ partSearch }

// partSearch is a search with the part of a text by which most of what it does not find is left out.
type partSearch struct {
	search   *types.Resolved
	fixed    []batch.Vector // the constants, at their places in search
	textCase *textCase      // what the text goes through before; nil: nothing
	prepare  sync.Once      // chooses part
	// part stands in each text that the search finds something in, nil if none is known.
	part *like.Piece
	// exact: the search finds something in each text with part.
	exact bool
}

// NewTextSearch returns what is known of search, a call over a text and the constants fixed, which stand at their
// places in it; nil if it is none that TextSearch knows. textCase is the name of the
// function that the text goes through before: lower, upper or "".
func NewTextSearch(search *types.Resolved, fixed []batch.Vector, textCase string) *TextSearch {
	if !isSearch(search, len(fixed)) {
		return nil
	}
	return &TextSearch{partSearch{search: search, fixed: fixed, textCase: textCases[textCase]}}
}

// isSearch reports whether a call is a search that gives false or 0 for texts without what it looks for.
func isSearch(search *types.Resolved, args int) bool {
	switch search.Name {
	case types.OpLike, "regexp_like", "starts_with":
		return true
	}
	return search.Name == "strpos" && args == 2
}

// RowsToSearch returns as a bitmap in which texts the search may find something; exact: it does. ok is false if that is
// not known, or texts is no plain column of texts.
func (s *TextSearch) RowsToSearch(env *Env, texts arrow.Array) (bits []byte, exact, ok bool, err error) {
	s.prepare.Do(func() { s.choosePart(meterOf(env)) })
	column, isText := texts.(*array.String)
	if s.part == nil || !isText || s.textCase == nil && !s.exact {
		return nil, false, false, nil
	}
	offsets, data := batch.Text(column)
	region := viewText(data[offsets[0]:offsets[len(offsets)-1]])
	if s.textCase != nil && slices.ContainsFunc(s.textCase.strangers, func(r string) bool { return strings.Contains(region, r) }) {
		return nil, false, false, nil
	}
	bits = arrowdata.NewBitmap(column.Len())
	eachTextWith(meterOf(env), offsets, region, s.part, func(i, _ int) { arrowdata.SetBit(bits, i) })
	return bits, s.exact, true, nil
}

// choosePart takes the longest text that each text found has, if it can be found in any case.
func (s *TextSearch) choosePart(m *memory.Meter) {
	pieces, contains := neededPieces(m, s.search, s.fixed)
	longest := ""
	for _, piece := range pieces {
		if len(piece) > len(longest) {
			longest = piece
		}
	}
	if longest == "" {
		return
	}
	s.exact = contains && longest == pieces[0]
	part := like.PlainPiece(longest)
	if s.textCase != nil {
		if !batch.IsASCII(longest) || s.textCase.of(longest) != longest {
			return
		}
		part = like.AnyCasePiece(longest)
	}
	s.part = &part
}

// neededPieces returns texts that each text has in which a search finds something; contains: it finds
// something in each text that has the one piece.
func neededPieces(m *memory.Meter, search *types.Resolved, fixed []batch.Vector) (pieces []string, contains bool) {
	args := make([]string, len(fixed))
	for i, v := range fixed {
		if v.Array != nil && !isNull(v, 0) {
			args[i] = columnOf[string](v).at(0)
		}
	}
	switch search.Name {
	case types.OpLike:
		escape := ""
		if len(args) == 3 {
			escape = args[2]
			if utf8.RuneCountInString(escape) != 1 {
				return nil, false
			}
		}
		matcher, err := like.Compile(args[1], escape)
		if err != nil {
			return nil, false
		}
		return matcher.PlainTexts()
	case "regexp_like":
		before := m.Used()
		pattern, err := javaregexp.Compile(m, args[1])
		_ = m.Settle(before) // less is never refused
		if err != nil {
			return nil, false
		}
		return pattern.RequiredTexts()
	}
	return []string{args[1]}, false
}
