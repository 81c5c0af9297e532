package sigv4

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// canonicalRequest returns the text whose hash is signed.
func (s *Signature) canonicalRequest(r *http.Request, payload string) (string, error) {
	query, err := s.canonicalQuery(r.URL.RawQuery)
	if err != nil {
		return "", err
	}
	var headers strings.Builder
	for _, name := range s.signedHeaders {
		value, ok := headerValue(r, name)
		if !ok {
			return "", refuse(InvalidSignature, "The signed header '%s' is not in the request.", name)
		}
		headers.WriteString(name + ":" + value + "\n")
	}
	return strings.Join([]string{
		r.Method, canonicalPath(r.URL), query, headers.String(), strings.Join(s.signedHeaders, ";"), payload,
	}, "\n"), nil
}

// headerValue returns the value of a header as it is signed. net/http stores two of the headers separately.
func headerValue(r *http.Request, name string) (value string, ok bool) {
	switch name {
	case "host":
		return r.Host, r.Host != ""
	case "content-length":
		return strconv.FormatInt(r.ContentLength, 10), r.ContentLength >= 0
	}
	values := slices.Clone(r.Header.Values(name))
	for i, v := range values {
		values[i] = withoutSpaces(v)
	}
	return strings.Join(values, ","), len(values) > 0
}

// withoutSpaces trims a value, and reduces runs of spaces in it to one.
func withoutSpaces(value string) string {
	value = strings.Trim(value, " ")
	for strings.Contains(value, "  ") {
		value = strings.ReplaceAll(value, "  ", " ")
	}
	return value
}

// canonicalPath returns the path as sent, encoded once more, as all services but S3 require.
func canonicalPath(u *url.URL) string {
	path := u.EscapedPath()
	if path == "" {
		return "/"
	}
	return encode(path, true)
}

// canonicalQuery returns the parameters without the signature, in canonical encoding, sorted by name and value.
func (s *Signature) canonicalQuery(raw string) (string, error) {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return "", refuse(IncompleteSignature, "The query of the request cannot be read.")
	}
	var parameters [][2]string
	for name, values := range query {
		if s.isPresigned && name == "X-Amz-Signature" {
			continue
		}
		for _, value := range values {
			parameters = append(parameters, [2]string{encode(name, false), encode(value, false)})
		}
	}
	slices.SortFunc(parameters, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	var out strings.Builder
	for i, p := range parameters {
		if i > 0 {
			out.WriteByte('&')
		}
		out.WriteString(p[0] + "=" + p[1])
	}
	return out.String(), nil
}

// encode writes all bytes except letters, digits and -_.~ as %XX.
func encode(text string, keepsSlash bool) string {
	const digits = "0123456789ABCDEF"
	var out strings.Builder
	for i := range len(text) {
		switch c := text[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-_.~", c) >= 0, keepsSlash && c == '/':
			out.WriteByte(c)
		default:
			out.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	return out.String()
}
