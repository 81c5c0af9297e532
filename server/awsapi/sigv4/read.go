package sigv4

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The limits of reading before anything is proven.
const (
	maxAuthorizationBytes = 4 << 10
	maxSignedHeaders      = 100
	maxKeyIDBytes         = 128
	maxTokenBytes         = 16 << 10
)

// Read returns the signature in a request's Authorization header or query. The error is an *Error.
func Read(r *http.Request) (*Signature, error) {
	authorization := r.Header.Values("Authorization")
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, refuse(IncompleteSignature, "The query of the request cannot be read.")
	}
	isPresigned := query.Has("X-Amz-Algorithm") || query.Has("X-Amz-Signature")
	switch {
	case len(authorization) == 0 && !isPresigned:
		return nil, refuse(MissingAuthentication, "Missing Authentication Token")
	case len(authorization) > 0 && isPresigned, len(authorization) > 1:
		return nil, refuse(IncompleteSignature, "Only one signature is allowed: one Authorization header, or X-Amz-Signature in the query.")
	case isPresigned:
		return readQuery(query)
	}
	return readHeaders(authorization[0], r.Header)
}

// readHeaders reads the signature of an Authorization header.
func readHeaders(authorization string, header http.Header) (*Signature, error) {
	if len(authorization) > maxAuthorizationBytes {
		return nil, refuse(IncompleteSignature, "The Authorization header is longer than %d bytes.", maxAuthorizationBytes)
	}
	name, rest, _ := strings.Cut(authorization, " ")
	if name != algorithm {
		return nil, refuse(IncompleteSignature, "Unsupported AWS 'algorithm': only %s is.", algorithm)
	}
	parts := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		key, value, found := strings.Cut(strings.TrimSpace(part), "=")
		if _, again := parts[key]; !found || again {
			return nil, refuse(IncompleteSignature, "'%s' not a valid key=value pair (missing equal-sign) in Authorization header.", key)
		}
		parts[key] = value
	}
	for _, key := range []string{"Credential", "Signature", "SignedHeaders"} {
		if parts[key] == "" {
			return nil, refuse(IncompleteSignature, "Authorization header requires '%s' parameter.", key)
		}
	}
	dates, tokens := header.Values("X-Amz-Date"), header.Values("X-Amz-Security-Token")
	if len(dates) != 1 || len(tokens) > 1 {
		return nil, refuse(IncompleteSignature, "Authorization header requires existence of one 'X-Amz-Date' header, and of at most one 'X-Amz-Security-Token'.")
	}
	s := &Signature{signature: parts["Signature"], SessionToken: strings.Join(tokens, "")}
	return s, s.read(parts["Credential"], parts["SignedHeaders"], dates[0])
}

// readQuery reads the signature of a presigned request.
func readQuery(query url.Values) (*Signature, error) {
	for _, key := range []string{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-Signature", "X-Amz-SignedHeaders"} {
		if len(query[key]) != 1 || query[key][0] == "" {
			return nil, refuse(IncompleteSignature, "A signature in the query requires one '%s' parameter.", key)
		}
	}
	if len(query["X-Amz-Security-Token"]) > 1 {
		return nil, refuse(IncompleteSignature, "A signature in the query allows one 'X-Amz-Security-Token' parameter.")
	}
	if query.Get("X-Amz-Algorithm") != algorithm {
		return nil, refuse(IncompleteSignature, "Unsupported AWS 'algorithm': only %s is.", algorithm)
	}
	seconds, err := strconv.ParseUint(query.Get("X-Amz-Expires"), 10, 32)
	expires := time.Duration(seconds) * time.Second
	if err != nil || expires == 0 || expires > maxExpires {
		return nil, refuse(IncompleteSignature, "X-Amz-Expires must be 1 to %d seconds.", int(maxExpires.Seconds()))
	}
	s := &Signature{
		signature: query.Get("X-Amz-Signature"), SessionToken: query.Get("X-Amz-Security-Token"), expires: expires, isPresigned: true,
	}
	return s, s.read(query.Get("X-Amz-Credential"), query.Get("X-Amz-SignedHeaders"), query.Get("X-Amz-Date"))
}

// read reads the parts common to both forms.
func (s *Signature) read(credential, signedHeaders, date string) (err error) {
	scope := strings.Split(credential, "/")
	if len(scope) != 5 || slices.Contains(scope, "") || scope[4] != "aws4_request" || len(scope[0]) > maxKeyIDBytes {
		return refuse(IncompleteSignature, "Credential must have the form <key id>/<date>/<region>/<service>/aws4_request.")
	}
	s.AccessKeyID, s.Date, s.Region, s.Service = scope[0], scope[1], scope[2], scope[3]
	s.signedHeaders = strings.Split(signedHeaders, ";")
	if !slices.IsSorted(s.signedHeaders) || len(slices.Compact(slices.Clone(s.signedHeaders))) != len(s.signedHeaders) ||
		len(s.signedHeaders) > maxSignedHeaders || signedHeaders != strings.ToLower(signedHeaders) {
		return refuse(IncompleteSignature, "SignedHeaders must be at most %d lower-case names in order, each once, between semicolons.", maxSignedHeaders)
	}
	if len(s.SessionToken) > maxTokenBytes {
		return refuse(IncompleteSignature, "X-Amz-Security-Token is longer than %d bytes.", maxTokenBytes)
	}
	if s.At, err = time.Parse(dateFormat, date); err != nil {
		return refuse(IncompleteSignature, "X-Amz-Date must have the form YYYYMMDDTHHMMSSZ.")
	}
	if day := s.At.Format("20060102"); s.Date != day {
		return refuse(InvalidSignature, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '%s' != '%s', from '%s'.", s.Date, day, date)
	}
	return nil
}
