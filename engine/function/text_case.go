package function

import (
	order "encoding/binary"
	"strings"
	"unicode"
	"unicode/utf8"
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/types"
)

// textCase converts texts code point by code point, as lower and upper do; nil leaves them as they are.
type textCase struct {
	convert func(rune) rune
	first   byte // the first of the 26 ASCII letters that convert changes
	// strangers are the code points beyond ASCII that convert turns into ASCII letters.
	strangers []string
}

var (
	lowerCase = &textCase{unicode.ToLower, 'A', []string{"\u0130", "\u212A"}}
	upperCase = &textCase{unicode.ToUpper, 'a', []string{"\u0131", "\u017F"}}
	textCases = map[string]*textCase{"lower": lowerCase, "upper": upperCase}
)

// of returns the converted text, or the text itself if nothing changes.
func (c *textCase) of(text string) string {
	if c == nil {
		return text
	}
	change := false
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return strings.Map(c.convert, text)
		}
		change = change || text[i]-c.first < letters
	}
	if !change {
		return text
	}
	return viewText(c.asciiInCase(viewBytes(text)))
}

// ofLong is of for a text that may be long.
func (c *textCase) ofLong(env *Env, text string) (string, error) {
	return inPieces(env, text, endOfCodePoints, c.of)
}

// bind returns the function over columns. It converts an ASCII column at once.
func (c *textCase) bind(fn *types.Resolved) Kernel {
	rowByRow := unaryEnv(c.ofLong)(fn)
	return func(env *Env, args []batch.Vector, lambdas []Lambda, rows int) (batch.Vector, error) {
		offsets, region, ok := asciiTexts(args[0])
		if !ok {
			return rowByRow(env, args, lambdas, rows)
		}
		if err := meterOf(env).Grow(int64(len(region))); err != nil {
			return batch.Vector{}, err
		}
		out := batch.FromText(arrow.BinaryTypes.String, fromZero(offsets), c.asciiInCase(region), arrowdata.Validity(args[0].Array))
		return batch.Vector{Array: out, Const: args[0].Const}, nil
	}
}

// asciiTexts returns the texts of a column as one region of memory, with their offsets. It returns false if not all
// are ASCII.
func asciiTexts(v batch.Vector) (offsets []int32, region []byte, ok bool) {
	column, ok := v.Array.(*array.String)
	if !ok {
		return nil, nil, false
	}
	offsets, data := batch.Text(column)
	region = data[offsets[0]:offsets[len(offsets)-1]]
	return offsets, region, batch.IsASCII(viewText(region))
}

// fromZero returns the offsets relative to the first.
func fromZero(offsets []int32) []int32 {
	if offsets[0] == 0 {
		return offsets
	}
	out := make([]int32, len(offsets))
	for i, o := range offsets {
		out[i] = o - offsets[0]
	}
	return out
}

const (
	eachByte = 0x0101010101010101
	highBits = 0x8080808080808080
	caseBit  = 0x20
	letters  = 26
)

// asciiInCase returns a copy of text with its ASCII letters converted.
func (c *textCase) asciiInCase(text []byte) []byte {
	out := make([]byte, len(text))
	i := 0
	for ; i+8 <= len(text); i += 8 {
		v := order.LittleEndian.Uint64(text[i:])
		low := v &^ highBits
		atLeastFirst := low + (0x80-uint64(c.first))*eachByte
		pastLast := low + (0x80-uint64(c.first)-letters)*eachByte
		inCase := atLeastFirst &^ pastLast &^ v & highBits
		order.LittleEndian.PutUint64(out[i:], v^inCase>>2) // the high bit moved to caseBit
	}
	for ; i < len(text); i++ {
		out[i] = text[i]
		if text[i]-c.first < letters {
			out[i] ^= caseBit
		}
	}
	return out
}

// firstOfSurrogates is the least first byte of a code point beyond ASCII that JSON's canonical form may escape.
const firstOfSurrogates = 0xED

// isOdd reports whether text may have a character that JSON writes with other letters. With a case to convert, it
// also reports characters beyond ASCII.
func (c *textCase) isOdd(text []byte) bool {
	limit := byte(firstOfSurrogates)
	if c != nil {
		limit = utf8.RuneSelf
	}
	i := 0
	for ; i+8 <= len(text); i += 8 {
		v := order.LittleEndian.Uint64(text[i:])
		if ((v-eachByte*' ')&^v|v)&highBits == 0 {
			continue
		}
		for _, b := range text[i : i+8] {
			if b < ' ' || b >= limit {
				return true
			}
		}
	}
	for _, b := range text[i:] {
		if b < ' ' || b >= limit {
			return true
		}
	}
	return false
}

// appendJSONText appends text as the json type writes it.
func appendJSONText(out []byte, text string) []byte {
	return jsontext.AppendQuoted(out, text, jsontext.Canonical)
}

func viewText(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// viewBytes returns the bytes of a text without copying them. The caller must not change them.
func viewBytes(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
