package function

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/auditlake/auditlake/engine/function/internal/jsonpath"
	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/sqljson"
	"github.com/auditlake/auditlake/planner/types"
)

// decodeBytes reads text in an encoding: UTF-16 and UTF-32 are little-endian.
func decodeBytes(b []byte, format sqljson.Format) (string, bool) {
	switch format {
	case sqljson.UTF16:
		units := make([]uint16, len(b)/2)
		for i := range units {
			units[i] = uint16(b[2*i]) | uint16(b[2*i+1])<<8
		}
		return string(utf16.Decode(units)), len(b)%2 == 0
	case sqljson.UTF32:
		var out strings.Builder
		for i := 0; i+4 <= len(b); i += 4 {
			out.WriteRune(rune(b[i]) | rune(b[i+1])<<8 | rune(b[i+2])<<16 | rune(b[i+3])<<24)
		}
		return out.String(), len(b)%4 == 0
	}
	return string(b), utf8.Valid(b)
}

// encodeText is the inverse of decodeBytes. Only UTF-8 escapes characters beyond the basic plane.
func encodeText(s string, format sqljson.Format) []byte {
	var out []byte
	if format == sqljson.UTF16 || format == sqljson.UTF32 {
		s = jsontext.UnescapePairs(s)
	}
	switch format {
	case sqljson.UTF16:
		for _, unit := range utf16.Encode([]rune(s)) {
			out = append(out, byte(unit), byte(unit>>8))
		}
		return out
	case sqljson.UTF32:
		for _, r := range s {
			out = append(out, byte(r), byte(r>>8), byte(r>>16), byte(r>>24))
		}
		return out
	}
	return []byte(s)
}

// formattedItem reads a value that is JSON text in a format, by jsonpath.ReadItem or ReadWhole.
func formattedItem(v types.Value, format sqljson.Format, read func(text string) (jsonpath.Item, error)) (jsonpath.Item, error) {
	switch x := v.V.(type) {
	case string:
		return read(x)
	case []byte:
		text, ok := decodeBytes(x, format)
		if !ok {
			return nil, jsontext.ErrMalformed
		}
		return read(text)
	}
	return nil, jsontext.ErrMalformed
}
