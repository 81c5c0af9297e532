package function

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/javauri"
	"github.com/auditlake/auditlake/planner/types"
)

// partBytes is the expected length of a part of a URL.
const partBytes = 32

// urlFunctions is the family of functions over URLs. A text that is not a URL gives NULL; a missing part of a URL
// is the empty text.
func urlFunctions() []Function {
	part := func(name, doc string, of func(u javauri.URI) string) Function {
		return scalar(name+"(varchar(x)) -> varchar(x)", doc, appendBindErr(eachTakes(partBytes), func(args []batch.Vector) func([]byte, int) ([]byte, error) {
			texts := columnOf[string](args[0])
			return func(dst []byte, i int) ([]byte, error) {
				u, ok := javauri.Parse(texts.at(i))
				if !ok {
					return nil, errNull
				}
				return batch.AppendText(dst, of(u)), nil
			}
		}))
	}
	return []Function{
		part("url_extract_protocol", "Returns the protocol of a URL.", func(u javauri.URI) string { return u.Scheme }),
		part("url_extract_host", "Returns the host of a URL.", func(u javauri.URI) string { return u.Host }),
		part("url_extract_path", "Returns the path of a URL, decoded.", func(u javauri.URI) string { return javauri.Unescape(u.Path) }),
		part("url_extract_query", "Returns the query of a URL, decoded.", func(u javauri.URI) string { return javauri.Unescape(u.Query) }),
		part("url_extract_fragment", "Returns the fragment of a URL, decoded.", func(u javauri.URI) string { return javauri.Unescape(u.Fragment) }),
		scalar("url_extract_port(varchar) -> bigint", "Returns the port of a URL, NULL if it has none.", unary(urlPort)),
		scalar("url_extract_parameter(varchar(x), varchar) -> varchar(x)", "Returns the first value of a query parameter, NULL if there is none.", urlParameters),
		scalar("url_encode(varchar(x)) -> varchar", "Returns the text with all but letters, digits and -_.* escaped.", encodeForm, types.ReturnOf(encodedLength)),
		scalar("url_decode(varchar(x)) -> varchar(x)", "Returns the text that url_encode made this of.", unary(decodeForm)),
	}
}

func urlPort(text string) (int64, error) {
	u, ok := javauri.Parse(text)
	if !ok || u.Port < 0 {
		return 0, errNull
	}
	return u.Port, nil
}

var urlParameters = appendBindErr(eachTakes(partBytes), func(args []batch.Vector) func([]byte, int) ([]byte, error) {
	texts, names := columnOf[string](args[0]), columnOf[string](args[1])
	return func(dst []byte, i int) ([]byte, error) {
		value, err := urlParameter(texts.at(i), names.at(i))
		return batch.AppendText(dst, value), err
	}
})

// urlParameter searches for a name as the query writes it. It splits the raw query at & and =, so escaped ones
// belong to values, which it decodes.
func urlParameter(text, name string) (string, error) {
	u, ok := javauri.Parse(text)
	if !ok || !u.HasQuery {
		return "", errNull
	}
	for pair := range strings.SplitSeq(u.Query, "&") {
		if key, value, _ := strings.Cut(pair, "="); key == name {
			return javauri.Unescape(strings.ReplaceAll(value, "+", " ")), nil
		}
	}
	return "", errNull
}

// encodeForm escapes the texts of a column.
var encodeForm = appendBind(moreThanItsBytes, func(args []batch.Vector) func([]byte, int) []byte {
	const hex = "0123456789ABCDEF"
	texts := columnOf[string](args[0])
	return func(out []byte, i int) []byte {
		for _, c := range []byte(texts.at(i)) {
			switch {
			case isPlainInForm[c]:
				out = append(out, c)
			case c == ' ':
				out = append(out, '+')
			default:
				out = append(out, '%', hex[c>>4], hex[c&15])
			}
		}
		return out
	}
})

// isPlainInForm marks the bytes that stay unescaped.
var isPlainInForm = func() (is [256]bool) {
	for c := range is {
		is[c] = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_.*", byte(c)) >= 0
	}
	return is
}()

// moreThanItsBytes estimates the bytes of texts that become a little longer.
func moreThanItsBytes(args []batch.Vector, rows int) int64 {
	const more = 16
	return int64(rows)*more + textBytes(args[0])
}

// encodedLength bounds the length of the encoded text: a code point has up to four bytes, and a byte becomes three
// characters.
func encodedLength(args []*types.Type) (*types.Type, error) {
	if args[0].Length == types.Unbounded || args[0].Length > maxVarcharLength/12 {
		return types.VarcharType, nil
	}
	return types.VarcharOf(12 * args[0].Length), nil
}

func decodeForm(text string) (string, error) {
	decoded, err := url.QueryUnescape(text)
	if err != nil {
		return "", argumentError("Illegal escape in '%s'", types.Shortened(text))
	}
	if !utf8.ValidString(decoded) {
		decoded = string(javauri.AppendUTF8(nil, []byte(decoded)))
	}
	return decoded, nil
}
