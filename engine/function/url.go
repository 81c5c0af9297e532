package function

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/auditlake/auditlake/planner/types"
)

// urlFunctions is the family of functions over URLs. A text that is no URL
// gives NULL; a part that a URL has not, the empty text.
func urlFunctions() []Function {
	part := func(name, doc string, of func(u *url.URL) string) Function {
		return scalar(name+"(varchar(x)) -> varchar(x)", doc, unary(func(text string) (string, error) {
			u, err := parseURL(text)
			if err != nil {
				return "", errNull
			}
			return of(u), nil
		}))
	}
	return []Function{
		part("url_extract_protocol", "the protocol of a URL", func(u *url.URL) string { return u.Scheme }),
		part("url_extract_host", "the host of a URL", urlHost),
		part("url_extract_path", "the path of a URL, decoded", func(u *url.URL) string { return u.Path }),
		part("url_extract_query", "the query of a URL, decoded", func(u *url.URL) string { return decodePercent(u.RawQuery) }),
		part("url_extract_fragment", "the fragment of a URL, decoded", func(u *url.URL) string { return u.Fragment }),
		scalar("url_extract_port(varchar) -> bigint", "the port of a URL, NULL if it has none", unary(urlPort)),
		scalar("url_extract_parameter(varchar(x), varchar) -> varchar(x)", "the first value of a query parameter, NULL if there is none", binary(urlParameter)),
		scalar("url_encode(varchar(x)) -> varchar", "the text with all but letters, digits and -_.* escaped", unaryPure(encodeForm), types.ReturnOf(encodedLength)),
		scalar("url_decode(varchar(x)) -> varchar(x)", "the text that url_encode made this of", unary(decodeForm)),
	}
}

// parseURL reads a URI of RFC 2396, as Java does: only characters that need no
// escape, letters beyond ASCII among them.
func parseURL(text string) (*url.URL, error) {
	for i := range len(text) {
		if c := text[i]; c <= ' ' || c == 0x7F || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			return nil, errNull
		}
	}
	u, err := url.Parse(text)
	if err != nil {
		if u, err = parseNamed(text); err != nil {
			return nil, err
		}
	}
	if u.Scheme != "" {
		u.Scheme = text[:len(u.Scheme)] // as it is written
		if rest := text[len(u.Scheme)+1:]; rest == "" || rest == "//" {
			return nil, errNull
		}
	}
	if strings.Count(text, "#") > 1 {
		return nil, errNull
	}
	if _, err := url.PathUnescape(u.RawQuery); err != nil {
		return nil, err
	}
	return u, nil
}

// parseNamed reads a URL whose authority is a name of some registry, not a host
// and a port: such a URL has no host.
func parseNamed(text string) (*url.URL, error) {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		return nil, errNull
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	if strings.ContainsAny(rest[:end], "[]%") {
		return nil, errNull
	}
	u, err := url.Parse(scheme + "://" + rest[end:])
	if err != nil {
		return nil, err
	}
	u.Host = ""
	return u, nil
}

// urlHost is empty for what is no host name: of ASCII letters, digits and
// minuses between dots.
func urlHost(u *url.URL) string {
	host := u.Hostname()
	if strings.HasPrefix(u.Host, "[") {
		return "[" + host + "]"
	}
	if !hostName.MatchString(host) {
		return ""
	}
	return host
}

// hostName is of labels whose ends are letters or digits; the last one begins
// with a letter, if it is no IPv4 address.
var hostName = regexp.MustCompile(`^(?:[0-9A-Za-z](?:[0-9A-Za-z-]*[0-9A-Za-z])?\.)*[A-Za-z](?:[0-9A-Za-z-]*[0-9A-Za-z])?\.?$|^\d{1,3}(?:\.\d{1,3}){3}$`)

func decodePercent(text string) string {
	decoded, err := url.PathUnescape(text)
	if err != nil {
		return text
	}
	return decoded
}

func urlPort(text string) (int64, error) {
	u, err := parseURL(text)
	if err != nil || u.Port() == "" || urlHost(u) == "" {
		return 0, errNull
	}
	port, err := strconv.ParseInt(u.Port(), 10, 32)
	if err != nil {
		return 0, errNull
	}
	return port, nil
}

// urlParameter decodes names and values one by one:
// the raw query is cut at & and =, so that escaped ones are part of values.
func urlParameter(text, name string) (string, error) {
	u, err := parseURL(text)
	if err != nil || u.RawQuery == "" {
		return "", errNull
	}
	for _, pair := range strings.Split(u.RawQuery, "&") {
		key, value, _ := strings.Cut(pair, "=")
		if decodePlus(key) == name {
			return decodePlus(value), nil
		}
	}
	return "", errNull
}

// decodePlus decodes form text; what cannot be decoded stays.
func decodePlus(text string) string {
	decoded, err := url.QueryUnescape(text)
	if err != nil {
		return text
	}
	return decoded
}

func encodeForm(text string) string {
	const hex = "0123456789ABCDEF"
	out := make([]byte, 0, len(text)+16)
	for i := range len(text) {
		switch c := text[i]; {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_.*", c) >= 0:
			out = append(out, c)
		case c == ' ':
			out = append(out, '+')
		default:
			out = append(out, '%', hex[c>>4], hex[c&15])
		}
	}
	return string(out)
}

// encodedLength: a code point takes four bytes, and a byte three characters.
func encodedLength(args []*types.Type) (*types.Type, error) {
	if args[0].Length == types.Unbounded || args[0].Length > maxVarcharLength/12 {
		return types.VarcharType, nil
	}
	return types.VarcharOf(12 * args[0].Length), nil
}

func decodeForm(text string) (string, error) {
	decoded, err := url.QueryUnescape(text)
	if err != nil {
		return "", argumentError("Illegal escape in '%s'", shortened(text))
	}
	if !utf8.ValidString(decoded) {
		decoded = strings.ToValidUTF8(decoded, "\uFFFD")
	}
	return decoded, nil
}
