// Package sigv4 reads and verifies AWS Signature Version 4 on requests that a server receives, in the Authorization
// header or in the query (presigned). The package knows neither keys nor operations: a door finds the secret of the
// key id that Read returns, and then calls Verify.
package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	algorithm = "AWS4-HMAC-SHA256"
	// dateFormat is the form of X-Amz-Date.
	dateFormat = "20060102T150405Z"
	// MaxSkew is how far the clocks of client and server may differ.
	MaxSkew = 5 * time.Minute
	// maxExpires is how long a presigned request may be valid.
	maxExpires = 7 * 24 * time.Hour
	// unsignedPayload stands in place of the body's hash when the body is not signed.
	unsignedPayload = "UNSIGNED-PAYLOAD"
)

// Reason says why a request is refused. Each protocol has a name of its own for it.
type Reason int

// The reasons.
const (
	MissingAuthentication Reason = iota + 1 // no signature
	IncompleteSignature                     // a signature that cannot be read
	InvalidSignature                        // another signature than the key makes, another scope, or out of time
)

// Error is why a request is refused. Its message is for the client.
type Error struct {
	Reason  Reason
	Message string
}

func (e *Error) Error() string { return e.Message }

func refuse(reason Reason, format string, a ...any) error {
	return &Error{reason, fmt.Sprintf(format, a...)}
}

// Signature is what a request says of its signature. Nothing of it is proven before Verify.
type Signature struct {
	AccessKeyID     string
	Date            string // of the scope, YYYYMMDD
	Region, Service string // of the scope
	At              time.Time
	// SessionToken came with temporary credentials; "": none.
	SessionToken string

	signedHeaders []string // lower-case, in order
	signature     string   // hex
	expires       time.Duration
	isPresigned   bool
}

// PresignedFor returns how long a presigned request says that it is valid, 0 for a request that is signed in its
// headers.
func (s *Signature) PresignedFor() time.Duration {
	if s.isPresigned {
		return s.expires
	}
	return 0
}

// CheckTime refuses a request that was signed more than MaxSkew from now, or a presigned one that has expired.
func (s *Signature) CheckTime(now time.Time) error {
	now = now.UTC()
	format := func(t time.Time) string { return t.Format(dateFormat) }
	if latest := now.Add(MaxSkew); s.At.After(latest) {
		return refuse(InvalidSignature, "Signature not yet current: %s is still later than %s (%s + 5 min.)", format(s.At), format(latest), format(now))
	}
	if s.isPresigned {
		if end := s.At.Add(s.expires); now.After(end) {
			return refuse(InvalidSignature, "Signature expired: %s is now earlier than %s", format(end), format(now))
		}
		return nil
	}
	if earliest := now.Add(-MaxSkew); s.At.Before(earliest) {
		return refuse(InvalidSignature, "Signature expired: %s is now earlier than %s (%s - 5 min.)", format(s.At), format(earliest), format(now))
	}
	return nil
}

// CheckScope refuses a request that was signed for another region or service.
func (s *Signature) CheckScope(service string, regions ...string) error {
	if !slices.Contains(regions, s.Region) {
		return refuse(InvalidSignature, "Credential should be scoped to a valid region: '%s', not '%s'.", regions[0], s.Region)
	}
	if s.Service != service {
		return refuse(InvalidSignature, "Credential should be scoped to correct service: '%s', not '%s'.", service, s.Service)
	}
	return nil
}

// Verify refuses a request whose signature is not the one that the secret makes. The body is all of the request's.
func (s *Signature) Verify(r *http.Request, body []byte, secret string) error {
	if err := s.checkSignedHeaders(r); err != nil {
		return err
	}
	payload, err := s.payloadHash(r, body)
	if err != nil {
		return err
	}
	canonical, err := s.canonicalRequest(r, payload)
	if err != nil {
		return err
	}
	want := hex.EncodeToString(sum(s.signingKey(secret), s.stringToSign(canonical)))
	if subtle.ConstantTimeCompare([]byte(want), []byte(s.signature)) != 1 {
		return refuse(InvalidSignature, "The request signature we calculated does not match the signature you provided. "+
			"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	}
	return nil
}

// checkSignedHeaders wants host and all x-amz-* headers signed: what the server acts on must be what the client signed.
func (s *Signature) checkSignedHeaders(r *http.Request) error {
	if !slices.Contains(s.signedHeaders, "host") {
		return refuse(InvalidSignature, "'Host' must be a 'SignedHeader' in the AWS Authorization.")
	}
	for name := range r.Header {
		lower := strings.ToLower(name)
		if strings.HasPrefix(lower, "x-amz-") && !slices.Contains(s.signedHeaders, lower) {
			return refuse(InvalidSignature, "'%s' must be a 'SignedHeader' in the AWS Authorization.", name)
		}
	}
	return nil
}

// payloadHash returns what stands for the body in the canonical request: its hash, or the word for an unsigned body,
// which is taken over TLS alone.
func (s *Signature) payloadHash(r *http.Request, body []byte) (string, error) {
	hash := sha256.Sum256(body)
	computed := hex.EncodeToString(hash[:])
	stated := r.Header.Get("X-Amz-Content-Sha256")
	if stated == "" && s.isPresigned {
		stated = r.URL.Query().Get("X-Amz-Content-Sha256")
	}
	switch {
	case stated == "" || stated == computed:
		return computed, nil
	case stated == unsignedPayload && r.TLS != nil:
		return unsignedPayload, nil
	case stated == unsignedPayload:
		return "", refuse(InvalidSignature, "%s is allowed over TLS only.", unsignedPayload)
	}
	return "", refuse(InvalidSignature, "The provided 'x-amz-content-sha256' header does not match what was computed.")
}

func (s *Signature) stringToSign(canonical string) string {
	hash := sha256.Sum256([]byte(canonical))
	return strings.Join([]string{algorithm, s.At.Format(dateFormat), s.scope(), hex.EncodeToString(hash[:])}, "\n")
}

func (s *Signature) scope() string {
	return strings.Join([]string{s.Date, s.Region, s.Service, "aws4_request"}, "/")
}

// signingKey is the secret, bound to the scope.
func (s *Signature) signingKey(secret string) []byte {
	key := []byte("AWS4" + secret)
	for _, part := range []string{s.Date, s.Region, s.Service, "aws4_request"} {
		key = sum(key, part)
	}
	return key
}

func sum(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text)) // never an error
	return h.Sum(nil)
}
