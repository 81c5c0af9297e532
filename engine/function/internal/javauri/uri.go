// Package javauri takes URIs apart as Java does, whose reading Trino's functions of URLs follow.
package javauri

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// URI is a URI reference of RFC 2396 in the reading of Java's java.net.URI. A
// part that is missing is empty. Parts are as they are written, escapes and all.
type URI struct {
	Scheme, Host, Path, Query, Fragment string
	Port                                int64 // -1 for none
	HasQuery                            bool
}

// The characters that a part may hold unescaped.
const (
	digits     = "0123456789"
	letters    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	hex        = digits + "ABCDEFabcdef"
	unreserved = letters + digits + "-_.!~*'()"
)

var (
	delimiterBytes = byteSetOf(":/?#")
	endBytes       = byteSetOf("/?")
	schemeBytes    = byteSetOf(letters + digits + "+-.")
	anyBytes       = byteSetOf(unreserved + ";/?:@&=+$,[]")
	pathBytes      = byteSetOf(unreserved + ";/:@&=+$,")
	nameBytes      = byteSetOf(unreserved + "$,;:@&=+")
	userBytes      = byteSetOf(unreserved + ";:&=+$,")
	scopeBytes     = byteSetOf(letters + digits + "_.")
	hexBytes       = byteSetOf(hex)
	digitBytes     = byteSetOf(digits)
	hostNameBytes  = byteSetOf(letters + digits + "-")
)

type byteSet [256]bool

func byteSetOf(members string) *byteSet {
	s := &byteSet{}
	for i := range len(members) {
		s[members[i]] = true
	}
	return s
}

func (s *byteSet) has(c byte) bool { return s[c] }

// prefix is the length of the longest prefix of members.
func (s *byteSet) prefix(text string) int {
	for i := range len(text) {
		if !s.has(text[i]) {
			return i
		}
	}
	return len(text)
}

// index returns where the first member stands, the length of the text if there is none.
func (s *byteSet) index(text string) int {
	for i := range len(text) {
		if s.has(text[i]) {
			return i
		}
	}
	return len(text)
}

// spans reports whether text consists of members, escapes, and visible characters beyond ASCII.
func (s *byteSet) spans(text string) bool {
	for i := s.prefix(text); i < len(text); i += s.prefix(text[i:]) {
		switch c := text[i]; {
		case c == '%':
			if i+3 > len(text) || !hexBytes.has(text[i+1]) || !hexBytes.has(text[i+2]) {
				return false
			}
			i += 3
		case c < utf8.RuneSelf:
			return false
		default:
			r, size := utf8.DecodeRuneInString(text[i:])
			if unicode.In(r, unicode.Z) || unicode.IsControl(r) {
				return false
			}
			i += size
		}
	}
	return true
}

// Parse reports false for what is no URI.
func Parse(text string) (u URI, ok bool) {
	u.Port = -1
	rest := text
	if end := delimiterBytes.index(text); end < len(text) && text[end] == ':' {
		u.Scheme, rest = text[:end], text[end+1:]
		if !isScheme(u.Scheme) {
			return u, false
		}
	}
	rest, fragment, _ := strings.Cut(rest, "#")
	if !anyBytes.spans(fragment) {
		return u, false
	}
	u.Fragment = fragment
	if u.Scheme != "" && !strings.HasPrefix(rest, "/") { // opaque: urn:x
		return u, rest != "" && anyBytes.spans(rest)
	}
	if after, hasAuthority := strings.CutPrefix(rest, "//"); hasAuthority {
		end := endBytes.index(after)
		switch {
		case end > 0:
			if !u.parseAuthority(after[:end]) {
				return u, false
			}
		case end == len(after) && !strings.Contains(text, "#"):
			return u, false
		}
		rest = after[end:]
	}
	u.Path, u.Query, u.HasQuery = strings.Cut(rest, "?")
	return u, pathBytes.spans(u.Path) && anyBytes.spans(u.Query)
}

func isScheme(text string) bool {
	return text != "" && !digitBytes.has(text[0]) && strings.IndexByte("+-.", text[0]) < 0 &&
		schemeBytes.prefix(text) == len(text)
}

// parseAuthority reads host and port. An authority that is a registry's name has neither.
func (u *URI) parseAuthority(text string) bool {
	if host, port, ok := parseServer(text); ok {
		u.Host, u.Port = host, port
		return true
	}
	return nameBytes.spans(text)
}

// parseServer reads [user@]host[:port].
func parseServer(text string) (host string, port int64, ok bool) {
	if user, rest, hasUser := strings.Cut(text, "@"); hasUser {
		if !userBytes.spans(user) {
			return "", -1, false
		}
		text = rest
	}
	end := 0
	if strings.HasPrefix(text, "[") {
		end = bracketedLength(text)
	} else if end = addressLength(text); end == 0 {
		end = hostNameLength(text)
	}
	if end == 0 {
		return "", -1, false
	}
	host, rest := text[:end], text[end:]
	number, hasPort := strings.CutPrefix(rest, ":")
	switch {
	case rest == "", hasPort && number == "":
		return host, -1, true
	case !hasPort || digitBytes.prefix(number) < len(number):
		return "", -1, false
	}
	port, err := strconv.ParseInt(number, 10, 32)
	return host, port, err == nil
}

// bracketedLength is the length of an IPv6 address in brackets, 0 for none. A zone may follow a percent sign.
func bracketedLength(text string) int {
	end := strings.IndexByte(text, ']')
	if end < 2 {
		return 0
	}
	address, scope, hasScope := strings.Cut(text[1:end], "%")
	if hasScope && (scope == "" || scopeBytes.prefix(scope) < len(scope)) || !isIPv6(address) {
		return 0
	}
	return end + 1
}

// isIPv6 reads groups of hexadecimal digits; one :: stands for groups of zeros,
// and the last two groups may be an IPv4 address.
func isIPv6(text string) bool {
	const groups = 8
	head, tail, compressed := strings.Cut(text, "::")
	if !compressed {
		n, ok := countGroups(text, true)
		return ok && n == groups
	}
	before, ok1 := countGroups(head, false)
	after, ok2 := countGroups(tail, true)
	return ok1 && ok2 && before+after < groups
}

// countGroups counts the 16-bit groups of a part of an IPv6 address.
func countGroups(text string, last bool) (n int, ok bool) {
	if text == "" {
		return 0, true
	}
	for text != "" {
		group, rest, more := strings.Cut(text, ":")
		switch {
		case !more && last && strings.Contains(group, "."):
			return n + 2, addressLength(group) == len(group)
		case more && rest == "", group == "", len(group) > 4, hexBytes.prefix(group) < len(group):
			return 0, false
		}
		n++
		text = rest
	}
	return n, true
}

// addressLength is the length of an IPv4 address before the end or a colon, 0 for none.
func addressLength(text string) int {
	end := 0
	for part := range 4 {
		if part > 0 {
			if !strings.HasPrefix(text[end:], ".") {
				return 0
			}
			end++
		}
		n := digitBytes.prefix(text[end:])
		value := strings.TrimLeft(text[end:end+n], "0")
		if n == 0 || len(value) > 3 || len(value) == 3 && value > "255" {
			return 0
		}
		end += n
	}
	if end < len(text) && text[end] != ':' {
		return 0
	}
	return end
}

// hostNameLength is the length of a name before the end or a colon, 0 for none. Its labels, between dots, begin and
// end with letters or digits. The last of several labels begins with a letter.
func hostNameLength(text string) int {
	name, _, _ := strings.Cut(text, ":")
	labels, last := 0, ""
	for last = range strings.SplitSeq(strings.TrimSuffix(name, "."), ".") {
		if last == "" || hostNameBytes.prefix(last) < len(last) || last[0] == '-' || last[len(last)-1] == '-' {
			return 0
		}
		labels++
	}
	if labels > 1 && digitBytes.has(last[0]) {
		return 0
	}
	return len(name)
}

// Unescape replaces escapes, which are well formed, by characters. Bytes that are not UTF-8 become U+FFFD.
func Unescape(text string) string {
	if strings.IndexByte(text, '%') < 0 {
		return text
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		if text[i] != '%' {
			out = append(out, text[i])
			i++
			continue
		}
		var run []byte
		for ; i+2 < len(text) && text[i] == '%'; i += 3 {
			b, _ := strconv.ParseUint(text[i+1:i+3], 16, 8)
			run = append(run, byte(b))
		}
		out = AppendUTF8(out, run)
	}
	return string(out)
}

// AppendUTF8 appends text with one U+FFFD in place of each piece that no text
// begins with, as Java decodes it: an encoded surrogate is one piece.
func AppendUTF8(to, text []byte) []byte {
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if r == utf8.RuneError && n == 1 {
			n = brokenLength(text)
		}
		to = utf8.AppendRune(to, r)
		text = text[n:]
	}
	return to
}

// brokenLength is how many bytes the broken piece has that text begins with.
func brokenLength(text []byte) int {
	length, least, most := 1, byte(0x80), byte(0xBF)
	switch first := text[0]; {
	case first == 0xE0:
		length, least = 3, 0xA0
	case first > 0xE0 && first < 0xF0:
		length = 3
	case first == 0xF0:
		length, least = 3, 0x90
	case first == 0xF4:
		length, most = 3, 0x8F
	case first > 0xF0 && first < 0xF4:
		length = 3
	}
	n := 1
	for ; n < min(length, len(text)) && text[n] >= least && text[n] <= most; n++ {
		least, most = 0x80, 0xBF
	}
	return n
}
