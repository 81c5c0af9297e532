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

// TextSearch finds in place the texts that a search matches, such as lower(text) LIKE '%secret%'. It neither
// converts their case nor gathers some of them first. It is safe for concurrent use.
type TextSearch struct{ partSearch }

// partSearch is a search with a part that texts must contain to match. Most other texts are ruled out by it.
type partSearch struct {
	search   *types.Resolved
	fixed    []batch.Vector // the constants, at their positions in search
	textCase *textCase      // conversion of the text before the search; nil: none
	prepare  sync.Once      // chooses part
	// part occurs in each text that the search matches; nil if none is known.
	part *like.Piece
	// exact: the search matches each text with part.
	exact bool
}

// NewTextSearch returns the TextSearch of search, a call over a text and constants; fixed has the constants at
// their positions. It returns nil for calls that are not supported. textCase names the function that converts the
// text before: lower, upper or "".
func NewTextSearch(search *types.Resolved, fixed []batch.Vector, textCase string) *TextSearch {
	if !isSearch(search, len(fixed)) {
		return nil
	}
	return &TextSearch{partSearch{search: search, fixed: fixed, textCase: textCases[textCase]}}
}

// isSearch reports whether a call is a search that returns false or 0 for texts that do not match.
func isSearch(search *types.Resolved, args int) bool {
	switch search.Name {
	case types.OpLike, "regexp_like", "starts_with":
		return true
	}
	return search.Name == "strpos" && args == 2
}

// RowsToSearch returns a bitmap of the texts that may match. exact: all of them do match. ok is false if that is
// not known, or texts is not a plain column of texts.
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

// choosePart chooses the longest text that each match contains, if it can be found in any case.
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

// neededPieces returns texts that each match contains. contains: there is one piece, and each text that contains it
// matches.
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
		_ = m.Settle(before) // settling for less never fails
		if err != nil {
			return nil, false
		}
		return pattern.RequiredTexts()
	}
	return []string{args[1]}, false
}
