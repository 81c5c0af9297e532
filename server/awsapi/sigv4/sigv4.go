// Package sigv4 reads and verifies AWS Signature Version 4 on requests to a server, in the Authorization header or
// in the query (presigned). It knows neither keys nor operations: a door finds the secret for the key id from Read,
// and then calls Verify.
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
	// dateFormat is the format of X-Amz-Date.
	dateFormat = "20060102T150405Z"
	// MaxSkew limits the difference between the clocks of client and server.
	MaxSkew = 5 * time.Minute
	// maxExpires limits the validity of a presigned request.
	maxExpires = 7 * 24 * time.Hour
	// unsignedPayload replaces the body's hash if the body is not signed.
	unsignedPayload = "UNSIGNED-PAYLOAD"
)

// Reason is why a request is refused. Each protocol has its own name for it.
type Reason int

// The reasons.
const (
	MissingAuthentication Reason = iota + 1 // no signature
	IncompleteSignature                     // an unreadable signature
	InvalidSignature                        // not the key's signature, another scope, or out of time
)

// Error is a refusal of a request. Its message is for the client.
type Error struct {
	Reason  Reason
	Message string
}

func (e *Error) Error() string { return e.Message }

func refuse(reason Reason, format string, a ...any) error {
	return &Error{reason, fmt.Sprintf(format, a...)}
}

// Signature is the signature that a request claims. Nothing in it is proven before Verify.
type Signature struct {
	AccessKeyID     string
	Date            string // of the scope, YYYYMMDD
	Region, Service string // of the scope
	At              time.Time
	// SessionToken belongs to temporary credentials; "": none.
	SessionToken string

	signedHeaders []string // lower-case, sorted
	signature     string   // hex
	expires       time.Duration
	isPresigned   bool
}

// PresignedFor returns how long a presigned request claims to be valid, 0 for a request signed in its headers.
func (s *Signature) PresignedFor() time.Duration {
	if s.isPresigned {
		return s.expires
	}
	return 0
}

// CheckTime refuses a request signed more than MaxSkew from now, or a presigned one that has expired.
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

// CheckScope refuses a request signed for another region or service.
func (s *Signature) CheckScope(service string, regions ...string) error {
	if !slices.Contains(regions, s.Region) {
		return refuse(InvalidSignature, "Credential should be scoped to a valid region: '%s', not '%s'.", regions[0], s.Region)
	}
	if s.Service != service {
		return refuse(InvalidSignature, "Credential should be scoped to correct service: '%s', not '%s'.", service, s.Service)
	}
	return nil
}

// Verify refuses a request whose signature does not match the secret. body is the whole body of the request.
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

// checkSignedHeaders requires host and all x-amz-* headers to be signed: the server may act only on what the client
// signed.
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

// payloadHash returns the body's hash for the canonical request, or the word for an unsigned body, which is
// accepted only over TLS.
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

// signingKey derives the key for the scope from the secret.
func (s *Signature) signingKey(secret string) []byte {
	key := []byte("AWS4" + secret)
	for _, part := range []string{s.Date, s.Region, s.Service, "aws4_request"} {
		key = sum(key, part)
	}
	return key
}

func sum(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text)) // never fails
	return h.Sum(nil)
}
