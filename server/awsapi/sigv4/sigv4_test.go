package sigv4_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/material"
	"github.com/auditlake/auditlake/server/awsapi/sigv4"
)

const secret = "not-a-secret-example-key"

// captured is a request that a stock client sent.
type captured struct {
	ID      string      `json:"id"`
	Method  string      `json:"method"`
	Path    string      `json:"path"`
	Headers [][2]string `json:"headers"`
	Body    string      `json:"body"`
}

func capturedRequests(t testing.TB) (out []captured) {
	f, err := os.Open(material.Own(t, "aws/requests.jsonl"))
	require.NoError(t, err)
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c captured
		require.NoError(t, json.Unmarshal(lines.Bytes(), &c))
		out = append(out, c)
	}
	require.NoError(t, lines.Err())
	return out
}

// wire is the request as its client wrote it.
func (c *captured) wire() []byte {
	var out bytes.Buffer
	out.WriteString(c.Method + " " + c.Path + " HTTP/1.1\r\n")
	for _, h := range c.Headers {
		out.WriteString(h[0] + ": " + h[1] + "\r\n")
	}
	out.WriteString("\r\n" + c.Body)
	return out.Bytes()
}

// verifyWire reads a request as a server does, and verifies it at the time that it says.
func verifyWire(wire []byte) error {
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(wire)))
	if err != nil {
		return err
	}
	var body bytes.Buffer
	if _, err := body.ReadFrom(r.Body); err != nil {
		return err
	}
	s, err := sigv4.Read(r)
	if err != nil {
		return err
	}
	if s.AccessKeyID != "AKIDEXAMPLE" {
		return errOtherKey
	}
	service := "cloudtrail"
	if r.URL.Path != "/" {
		service = "cloudtrail-data"
	}
	if err := s.CheckScope(service, "us-east-1"); err != nil {
		return err
	}
	return s.Verify(r, body.Bytes(), secret)
}

var errOtherKey = &sigv4.Error{Message: "another key"}

func TestCapturedSignatures(t *testing.T) {
	requests := capturedRequests(t)
	require.Greater(t, len(requests), 70)
	for _, c := range requests {
		require.NoError(t, verifyWire(c.wire()), c.ID)
	}
}

// TestEverySignedByteCounts: no request with one changed byte in its method, path, signed headers, authorization or body is taken.
func TestEverySignedByteCounts(t *testing.T) {
	requests := capturedRequests(t)
	if testing.Short() {
		requests = requests[:10]
	}
	flipped := 0
	for _, c := range requests {
		wire := c.wire()
		for _, at := range signedBytes(t, &c, wire) {
			changed := bytes.Clone(wire)
			changed[at] ^= 1
			require.Error(t, verifyWire(changed), "%s: byte %d of %q", c.ID, at, wire)
			flipped++
		}
	}
	require.Greater(t, flipped, 100*len(requests))
}

// signedBytes are the places of what the signature covers, and of the signature.
func signedBytes(t *testing.T, c *captured, wire []byte) (places []int) {
	mark := func(text string) {
		from := bytes.Index(wire, []byte(text))
		require.GreaterOrEqual(t, from, 0)
		for at := range len(text) {
			places = append(places, from+at)
		}
	}
	mark(c.Method)
	mark(c.Path + " HTTP")
	places = places[:len(places)-len(" HTTP")]
	for _, h := range c.Headers {
		_, signed, _ := strings.Cut(authorization(c), "SignedHeaders=")
		signed, _, _ = strings.Cut(signed, ",")
		isSigned := strings.Contains(";"+signed+";", ";"+strings.ToLower(h[0])+";")
		if isSigned || h[0] == "Authorization" {
			mark(h[0] + ": " + h[1])
		}
	}
	for at := range len(c.Body) {
		places = append(places, len(wire)-len(c.Body)+at)
	}
	return places
}

func authorization(c *captured) string {
	for _, h := range c.Headers {
		if h[0] == "Authorization" {
			return h[1]
		}
	}
	return ""
}

var signedAt = time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC)

// signed is a request signed by the AWS SDK for Go.
func signed(t *testing.T, method, url, body string, change func(*http.Request), token string) *http.Request {
	t.Helper()
	r := httptest.NewRequest(method, url, strings.NewReader(body))
	if change != nil {
		change(r)
	}
	hash := r.Header.Get("X-Amz-Content-Sha256")
	if hash == "" {
		hash = hashOf(body)
	}
	credentials := aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: secret, SessionToken: token}
	require.NoError(t, v4.NewSigner().SignHTTP(context.Background(), credentials, r, hash, "cloudtrail", "us-east-1", signedAt))
	return r
}

func hashOf(body string) string {
	h := sha256.Sum256([]byte(body))
	return hex.EncodeToString(h[:])
}

func presigned(t *testing.T, url, token string) *http.Request {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, url, nil)
	credentials := aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: secret, SessionToken: token}
	at, _, err := v4.NewSigner().PresignHTTP(context.Background(), credentials, r, hashOf(""), "cloudtrail", "us-east-1", signedAt)
	require.NoError(t, err)
	return httptest.NewRequest(http.MethodGet, at, nil)
}

// TestSignedBySDK: what the SDK's signer makes verifies, in all forms, and not with a change.
func TestSignedBySDK(t *testing.T) {
	withHeader := func(name string, values ...string) func(*http.Request) {
		return func(r *http.Request) { r.Header[http.CanonicalHeaderKey(name)] = values }
	}
	const at = "http://lake.test:8585/"
	for _, tt := range []struct {
		name    string
		request *http.Request
		body    string
		token   string
	}{
		{name: "header", request: signed(t, "POST", at, "{}", nil, ""), body: "{}"},
		{name: "no body", request: signed(t, "GET", at, "", nil, "")},
		{name: "default port", request: signed(t, "POST", "http://lake.test/", "{}", nil, ""), body: "{}"},
		{name: "session token", request: signed(t, "POST", at, "{}", nil, "a/b+c="), body: "{}", token: "a/b+c="},
		{name: "spaces in a header", request: signed(t, "POST", at, "{}", withHeader("X-Amz-Meta", "  a   b  "), ""), body: "{}"},
		{name: "repeated header", request: signed(t, "POST", at, "{}", withHeader("X-Amz-Meta", "b", "a"), ""), body: "{}"},
		{name: "stated hash", request: signed(t, "POST", at, "{}", withHeader("X-Amz-Content-Sha256", hashOf("{}")), ""), body: "{}"},
		{name: "query", request: signed(t, "GET", at+"PutAuditEvents?b=2&a=%2F+x&a=~&c", "", nil, "")},
		{name: "escaped path", request: signed(t, "GET", at+"a%20b/%C3%A9", "", nil, "")},
		{name: "presigned", request: presigned(t, at+"?X-Amz-Expires=60&Action=GetCallerIdentity", "")},
		{name: "presigned with token", request: presigned(t, at+"?X-Amz-Expires=60", "a/b+c="), token: "a/b+c="},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := sigv4.Read(tt.request)
			require.NoError(t, err)
			require.Equal(t, "AKIDEXAMPLE", s.AccessKeyID)
			require.Equal(t, tt.token, s.SessionToken)
			require.NoError(t, s.CheckScope("cloudtrail", "us-east-1"))
			require.NoError(t, s.CheckTime(signedAt))
			require.NoError(t, s.Verify(tt.request, []byte(tt.body), secret))
			requireReason(t, sigv4.InvalidSignature, s.Verify(tt.request, []byte(tt.body), secret+"x"))
			requireReason(t, sigv4.InvalidSignature, s.Verify(tt.request, []byte(tt.body+" "), secret))
			tt.request.Host = "other.test"
			requireReason(t, sigv4.InvalidSignature, s.Verify(tt.request, []byte(tt.body), secret))
		})
	}
}

func requireReason(t *testing.T, want sigv4.Reason, err error) {
	t.Helper()
	var refused *sigv4.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, want, refused.Reason, err)
}

// TestUnsignedPayload: a body that is not signed is taken over TLS alone.
func TestUnsignedPayload(t *testing.T) {
	r := signed(t, "POST", "http://lake.test/", "{}", func(r *http.Request) { r.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD") }, "")
	s, err := sigv4.Read(r)
	require.NoError(t, err)
	require.ErrorContains(t, s.Verify(r, []byte("{}"), secret), "over TLS only")
	r.TLS = &tls.ConnectionState{}
	require.NoError(t, s.Verify(r, []byte(`{"other":1}`), secret))
	r = signed(t, "POST", "http://lake.test/", "{}", func(r *http.Request) {
		r.Header.Set("X-Amz-Content-Sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")
	}, "")
	require.ErrorContains(t, s.Verify(r, []byte("{}"), secret), "does not match what was computed")
}

// TestUnsignedHeaders: what the server may act on must be signed.
func TestUnsignedHeaders(t *testing.T) {
	r := signed(t, "POST", "http://lake.test/", "{}", nil, "")
	s, err := sigv4.Read(r)
	require.NoError(t, err)
	r.Header.Set("X-Amz-Target", "CloudTrail_20131101.DeleteTrail")
	require.ErrorContains(t, s.Verify(r, []byte("{}"), secret), "'X-Amz-Target' must be a 'SignedHeader'")
	r.Header.Del("X-Amz-Target")
	require.NoError(t, s.Verify(r, []byte("{}"), secret))
	r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "host;", "", 1))
	s, err = sigv4.Read(r)
	require.NoError(t, err)
	require.ErrorContains(t, s.Verify(r, []byte("{}"), secret), "'Host' must be a 'SignedHeader'")
}

func TestCheckTime(t *testing.T) {
	header, err := sigv4.Read(signed(t, "POST", "http://lake.test/", "{}", nil, ""))
	require.NoError(t, err)
	query, err := sigv4.Read(presigned(t, "http://lake.test/?X-Amz-Expires=3600", ""))
	require.NoError(t, err)
	for _, tt := range []struct {
		name  string
		s     *sigv4.Signature
		after time.Duration
		want  string
	}{
		{"header, five minutes late", header, sigv4.MaxSkew, ""},
		{"header, five minutes early", header, -sigv4.MaxSkew, ""},
		{"header, too late", header, sigv4.MaxSkew + time.Second,
			"Signature expired: 20260131T100000Z is now earlier than 20260131T100001Z (20260131T100501Z - 5 min.)"},
		{"header, too early", header, -sigv4.MaxSkew - time.Second,
			"Signature not yet current: 20260131T100000Z is still later than 20260131T095959Z (20260131T095459Z + 5 min.)"},
		{"presigned, an hour late", query, time.Hour, ""},
		{"presigned, too late", query, time.Hour + time.Second, "Signature expired: 20260131T110000Z is now earlier than 20260131T110001Z"},
		{"presigned, too early", query, -sigv4.MaxSkew - time.Second, "Signature not yet current"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.s.CheckTime(signedAt.Add(tt.after))
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			requireReason(t, sigv4.InvalidSignature, err)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestCheckScope(t *testing.T) {
	s, err := sigv4.Read(signed(t, "POST", "http://lake.test/", "{}", nil, ""))
	require.NoError(t, err)
	require.NoError(t, s.CheckScope("cloudtrail", "eu-west-1", "us-east-1"))
	require.ErrorContains(t, s.CheckScope("cloudtrail", "eu-west-1"), "valid region")
	require.ErrorContains(t, s.CheckScope("cloudtrail-data", "us-east-1"), "correct service: 'cloudtrail-data'")
}

func TestReadRefuses(t *testing.T) {
	const good = "AWS4-HMAC-SHA256 Credential=AKID/20260131/us-east-1/cloudtrail/aws4_request, SignedHeaders=host;x-amz-date, Signature=00"
	const date = "20260131T100000Z"
	const query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20260131%2Fus-east-1%2Fcloudtrail%2Faws4_request&" +
		"X-Amz-Date=20260131T100000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00"
	replaced := func(old, new string) string { return strings.Replace(good, old, new, 1) }
	for _, tt := range []struct {
		name, authorization, date, query string
		want                             sigv4.Reason
	}{
		{"a good header", good, date, "", 0},
		{"a good header without spaces", strings.ReplaceAll(replaced("AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA256_"), " ", ""), date, "", sigv4.IncompleteSignature},
		{"commas without spaces", strings.ReplaceAll(good, ", ", ","), date, "", 0},
		{"a good query", "", "", query, 0},
		{"nothing", "", date, "", sigv4.MissingAuthentication},
		{"both", good, date, query, sigv4.IncompleteSignature},
		{"another algorithm", replaced("HMAC-SHA256", "ECDSA-P256-SHA256"), date, "", sigv4.IncompleteSignature},
		{"basic", "Basic YTpi", date, "", sigv4.IncompleteSignature},
		{"no signature", replaced(", Signature=00", ""), date, "", sigv4.IncompleteSignature},
		{"two signatures", good + ", Signature=01", date, "", sigv4.IncompleteSignature},
		{"empty signature", replaced("Signature=00", "Signature="), date, "", sigv4.IncompleteSignature},
		{"no credential", replaced("Credential=", "Cred="), date, "", sigv4.IncompleteSignature},
		{"no equals sign", replaced("Signature=00", "Signature"), date, "", sigv4.IncompleteSignature},
		{"scope of four parts", replaced("/cloudtrail", ""), date, "", sigv4.IncompleteSignature},
		{"empty region", replaced("us-east-1", ""), date, "", sigv4.IncompleteSignature},
		{"other end of the scope", replaced("aws4_request", "aws4"), date, "", sigv4.IncompleteSignature},
		{"headers out of order", replaced("host;x-amz-date", "x-amz-date;host"), date, "", sigv4.IncompleteSignature},
		{"repeated header", replaced("host;", "host;host;"), date, "", sigv4.IncompleteSignature},
		{"header in capitals", replaced("host", "Host"), date, "", sigv4.IncompleteSignature},
		{"no date", good, "", "", sigv4.IncompleteSignature},
		{"date of another form", good, "2026-01-31T10:00:00Z", "", sigv4.IncompleteSignature},
		{"another day", good, "20260201T100000Z", "", sigv4.InvalidSignature},
		{"long", replaced("Signature=00", "Signature="+strings.Repeat("0", 5000)), date, "", sigv4.IncompleteSignature},
		{"long key id", replaced("AKID", strings.Repeat("A", 200)), date, "", sigv4.IncompleteSignature},
		{"query that cannot be read", "", "", "X-Amz-Signature=%zz", sigv4.IncompleteSignature},
		{"query without expiry", "", "", strings.Replace(query, "X-Amz-Expires=60&", "", 1), sigv4.IncompleteSignature},
		{"expiry of eight days", "", "", strings.Replace(query, "Expires=60", "Expires="+strconv.Itoa(8*86400), 1), sigv4.IncompleteSignature},
		{"negative expiry", "", "", strings.Replace(query, "Expires=60", "Expires=-1", 1), sigv4.IncompleteSignature},
		{"two dates in the query", "", "", query + "&X-Amz-Date=20260131T100000Z", sigv4.IncompleteSignature},
		{"two tokens in the query", "", "", query + "&X-Amz-Security-Token=a&X-Amz-Security-Token=b", sigv4.IncompleteSignature},
		{"another algorithm in the query", "", "", strings.Replace(query, "HMAC-SHA256", "X", 1), sigv4.IncompleteSignature},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "http://lake.test/?"+tt.query, nil)
			if tt.authorization != "" {
				r.Header.Set("Authorization", tt.authorization)
			}
			if tt.date != "" {
				r.Header.Set("X-Amz-Date", tt.date)
			}
			_, err := sigv4.Read(r)
			if tt.want == 0 {
				require.NoError(t, err)
				return
			}
			requireReason(t, tt.want, err)
		})
	}
}

// FuzzRead: whatever a stranger sends is read or refused with a reason, and nobody who does not know the secret gets in.
func FuzzRead(f *testing.F) {
	requests := capturedRequests(f)
	for _, c := range requests[:4] {
		f.Add(authorization(&c), "20261120T065721Z", "", "", c.Body)
	}
	f.Add("", "", "", "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20260131%2Fus-east-1%2Fcloudtrail%2Faws4_request&"+
		"X-Amz-Date=20260131T100000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00", "")
	f.Fuzz(func(t *testing.T, authorization, date, token, query, body string) {
		r := httptest.NewRequest("POST", "http://lake.test/", nil)
		r.URL.RawQuery = query
		for name, value := range map[string]string{"Authorization": authorization, "X-Amz-Date": date, "X-Amz-Security-Token": token} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		s, err := sigv4.Read(r)
		if err == nil {
			require.NotEmpty(t, s.AccessKeyID)
			_, _ = s.CheckTime(signedAt), s.CheckScope("cloudtrail", "us-east-1")
			err = s.Verify(r, []byte(body), "a secret that nobody knows")
		}
		var refused *sigv4.Error
		require.ErrorAs(t, err, &refused)
		require.NotZero(t, refused.Reason)
	})
}
