package awsapi_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/enginetest/clock"
	"github.com/auditlake/auditlake/server/awsapi"
	"github.com/auditlake/auditlake/server/awsapi/model"
)

const (
	account = "123456789012"
	region  = "us-east-1"
	rootID  = "AKIDEXAMPLE"
	secret  = "not-a-secret-example-key"
)

var start = time.Date(2026, 11, 20, 7, 0, 0, 0, time.UTC)

// fixture is a lake with a door whose root key is that of the captured requests.
type fixture struct {
	*testing.T
	dir   string
	clock *clock.Clock
	lake  *engine.Lake
	door  *awsapi.Door
	mux   *http.ServeMux

	isReadOnly, recordsActivity bool                  // how the lake is opened
	buckets                     *engine.Buckets       // that it may name
	memoryLimitBytes            int64                 // of a query, 0: the default
	spillLimitBytes             int64                 // 0: the default
	maxResultBytes              int64                 // of a kept result, 0: the default
	lookupsPerSecond            int                   // 0: any number
	eventHistoryAge             time.Duration         // of lookups, 0: the default
	freeBytes                   func() (int64, error) // of the lake's disk; nil: what it has
}

func newFixture(t *testing.T) *fixture {
	f := &fixture{T: t, dir: t.TempDir(), clock: clock.New(start)}
	f.open()
	t.Cleanup(f.close)
	return f
}

func (f *fixture) open() {
	var err error
	f.lake, err = engine.Open(context.Background(), f.dir, engine.Options{
		Now: f.clock.Now, Elapsed: f.clock.Elapsed, AfterFunc: f.clock.AfterFunc, AccountID: account, Region: region, ReadOnly: f.isReadOnly, Activity: f.recordsActivity, Buckets: f.buckets,
		MemoryLimitBytes: f.memoryLimitBytes, SpillLimitBytes: f.spillLimitBytes, MaxResultBytes: f.maxResultBytes, EventHistoryAge: f.eventHistoryAge,
		FreeBytes: f.freeBytes,
	})
	require.NoError(f, err)
	require.NoError(f, f.lake.Keys().GiveRoot(rootID, secret))
	f.door, err = awsapi.New(f.lake, awsapi.Options{Now: f.clock.Now, AfterFunc: f.clock.AfterFunc, LookupsPerSecond: f.lookupsPerSecond})
	require.NoError(f, err)
	f.mux = http.NewServeMux()
	f.door.Mount(f.mux)
}

// knowBuckets opens the lake again, with a file of buckets.
func (f *fixture) knowBuckets(file string) {
	f.Helper()
	name := filepath.Join(f.TempDir(), "buckets.toml")
	require.NoError(f, os.WriteFile(name, []byte(file), 0o600))
	var err error
	f.buckets, err = engine.LoadBuckets(name)
	require.NoError(f, err)
	buckets := f.buckets
	f.Cleanup(func() { require.NoError(f, buckets.Close()) })
	f.close()
	f.open()
}

func (f *fixture) close() {
	f.door.Close()
	require.NoError(f, f.lake.Close())
}

// sign signs a request by the root key, or another one.
func (f *fixture) sign(r *http.Request, service, body, id, secret, token string) *http.Request {
	f.Helper()
	hash := sha256.Sum256([]byte(body))
	credentials := aws.Credentials{AccessKeyID: id, SecretAccessKey: secret, SessionToken: token}
	require.NoError(f, v4.NewSigner().SignHTTP(context.Background(), credentials, r, hex.EncodeToString(hash[:]), service, region, f.clock.Now()))
	return r
}

func (f *fixture) serve(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	f.mux.ServeHTTP(w, r)
	target := r.Header.Get("X-Amz-Target")
	operation := target[strings.LastIndexByte(target, '.')+1:]
	if target == "" {
		operation = strings.TrimPrefix(r.URL.Path, "/")
	}
	answeredErrors.Store(answeredError{operation, w.Header().Get("x-amzn-ErrorType")}, true)
	return w
}

func request(operation, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8585/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101."+operation)
	return r
}

// text is the JSON of members.
func text(t *testing.T, members map[string]any) string {
	out, err := json.Marshal(members)
	require.NoError(t, err)
	return string(out)
}

// ask asks for an operation with members, and returns status and body. Every answer has the shape of the operation, and
// every error is one that the operation has.
func (f *fixture) ask(operation string, members map[string]any) (int, map[string]any) {
	f.Helper()
	text, err := json.Marshal(members)
	require.NoError(f, err)
	w := f.serve(f.sign(request(operation, string(text)), "cloudtrail", string(text), rootID, secret, ""))
	f.checkAnswer(model.CloudTrail, operation, w)
	var out map[string]any
	require.NoError(f, json.Unmarshal(w.Body.Bytes(), &out))
	return w.Code, out
}

// anyOperation has the errors that AWS has for all operations.
var anyOperation = []string{"ValidationException", "SerializationException", "UnsupportedOperationException", "ThrottlingException"}

func (f *fixture) checkAnswer(service, operation string, w *httptest.ResponseRecorder) {
	f.Helper()
	require.NotEmpty(f, w.Header().Get("x-amzn-RequestId"))
	o := model.Services()[service].Operations[operation]
	if w.Code == http.StatusOK {
		_, err := o.CheckAnswer(w.Body.Bytes())
		require.NoError(f, err, w.Body.String())
		return
	}
	var failure struct {
		Type string `json:"__type"`
	}
	require.NoError(f, json.Unmarshal(w.Body.Bytes(), &failure))
	require.Equal(f, failure.Type, w.Header().Get("x-amzn-ErrorType"))
	require.True(f, slices.Contains(o.Errors, failure.Type) || slices.Contains(anyOperation, failure.Type), "%s answers %s", operation, w.Body)
	if status := model.Services()[service].Errors[failure.Type]; status != 0 {
		require.Equal(f, status, w.Code)
	}
}

// get asks for what succeeds.
func (f *fixture) get(operation string, members map[string]any) map[string]any {
	f.Helper()
	status, out := f.ask(operation, members)
	require.Equal(f, http.StatusOK, status, "%s: %v", operation, out)
	return out
}

// refused asks for what fails with a code.
func (f *fixture) refused(code, operation string, members map[string]any) string {
	f.Helper()
	_, out := f.ask(operation, members)
	require.Equal(f, code, out["__type"], "%s: %v", operation, out)
	return out["Message"].(string)
}

// of makes members: names and values.
func of(pairs ...any) map[string]any {
	out := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i].(string)] = pairs[i+1]
	}
	return out
}

// TestWhoMayEnter: what is wrong with a signature has the name that clients know, in each of the protocols.
func TestWhoMayEnter(t *testing.T) {
	f := newFixture(t)
	ctx := context.Background()
	key, secrets, err := f.lake.Keys().Create(ctx, engine.KeyOptions{})
	require.NoError(t, err)
	session, sessionSecrets, err := f.lake.Keys().Create(ctx, engine.KeyOptions{Session: time.Hour})
	require.NoError(t, err)
	stranger, strangerSecrets, err := f.lake.Keys().Create(ctx, engine.KeyOptions{AccountID: "999999999999"})
	require.NoError(t, err)
	revoked, revokedSecrets, err := f.lake.Keys().Create(ctx, engine.KeyOptions{})
	require.NoError(t, err)
	require.NoError(t, f.lake.Keys().Revoke(ctx, revoked.ID))
	list := func(id, secret, token string) *http.Request {
		return f.sign(request("ListEventDataStores", "{}"), "cloudtrail", "{}", id, secret, token)
	}
	changed := func(r *http.Request, change func(*http.Request)) *http.Request {
		change(r)
		return r
	}
	for _, tt := range []struct {
		name    string
		after   time.Duration
		request *http.Request
		status  int
		code    string // "": the request succeeds
	}{
		{"the root key", 0, list(rootID, secret, ""), 200, ""},
		{"the short target", 0, f.sign(changed(request("ListEventDataStores", "{}"), func(r *http.Request) {
			r.Header.Set("X-Amz-Target", "CloudTrail_20131101.ListEventDataStores")
		}), "cloudtrail", "{}", rootID, secret, ""), 200, ""},
		{"no signature", 0, request("ListEventDataStores", "{}"), 400, "MissingAuthenticationTokenException"},
		{"half a signature", 0, changed(list(rootID, secret, ""), func(r *http.Request) {
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=x")
		}), 400, "IncompleteSignatureException"},
		{"another secret", 0, list(rootID, "x", ""), 400, "InvalidSignatureException"},
		{"another body", 0, changed(list(rootID, secret, ""), func(r *http.Request) {
			r.Body = http.NoBody
		}), 400, "InvalidSignatureException"},
		{"another service", 0, f.sign(request("ListEventDataStores", "{}"), "cloudtrail-data", "{}", rootID, secret, ""), 400, "InvalidSignatureException"},
		{"late", 6 * time.Minute, list(rootID, secret, ""), 400, "InvalidSignatureException"},
		{"early", -6 * time.Minute, list(rootID, secret, ""), 400, "InvalidSignatureException"},
		{"nobody's key", 0, list("AKIANOBODY", secret, ""), 400, "UnrecognizedClientException"},
		{"a revoked key", 0, list(revoked.ID, revokedSecrets.Secret, ""), 400, "UnrecognizedClientException"},
		{"a token of nobody", 0, list(rootID, secret, "token"), 400, "UnrecognizedClientException"},
		{"a session without its token", 0, list(session.ID, sessionSecrets.Secret, ""), 400, "UnrecognizedClientException"},
		{"a session with another token", 0, list(session.ID, sessionSecrets.Secret, "token"), 400, "UnrecognizedClientException"},
		{"a key without rights", 0, list(key.ID, secrets.Secret, ""), 403, "AccessDeniedException"},
		{"a key of another account", 0, list(stranger.ID, strangerSecrets.Secret, ""), 403, "AccessDeniedException"},
		{"no target", 0, f.sign(changed(request("", "{}"), func(r *http.Request) { r.Header.Del("X-Amz-Target") }), "cloudtrail", "{}", rootID, secret, ""),
			400, "UnknownOperationException"},
		{"another API's target", 0, f.sign(changed(request("", "{}"), func(r *http.Request) {
			r.Header.Set("X-Amz-Target", "DynamoDB_20120810.ListTables")
		}), "cloudtrail", "{}", rootID, secret, ""), 400, "UnknownOperationException"},
		{"an operation that there is not", 0, f.sign(request("MakeCoffee", "{}"), "cloudtrail", "{}", rootID, secret, ""), 400, "UnknownOperationException"},
		{"no JSON", 0, f.sign(request("ListEventDataStores", "{"), "cloudtrail", "{", rootID, secret, ""), 400, "SerializationException"},
		{"a long body", 0, f.sign(request("ListEventDataStores", strings.Repeat(" ", 3<<20)), "cloudtrail", "", rootID, secret, ""), 413, "RequestEntityTooLargeException"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f.clock.Set(start.Add(tt.after))
			defer f.clock.Set(start)
			w := f.serve(tt.request)
			require.Equal(t, tt.status, w.Code, w.Body)
			require.Equal(t, tt.code, w.Header().Get("x-amzn-ErrorType"), w.Body)
			require.NotEmpty(t, w.Header().Get("x-amzn-RequestId"))
			require.Empty(t, w.Header().Get("x-amzn-query-error"), "clients would change the code")
			if tt.code != "" {
				require.Contains(t, w.Body.String(), `"__type":"`+tt.code+`"`)
			}
		})
	}
	request := list(session.ID, sessionSecrets.Secret, sessionSecrets.Token)
	require.Equal(t, "AccessDeniedException", f.serve(request).Header().Get("x-amzn-ErrorType"), "a session is known")
	f.clock.Set(start.Add(time.Hour))
	require.Equal(t, "ExpiredTokenException", f.serve(list(session.ID, sessionSecrets.Secret, sessionSecrets.Token)).Header().Get("x-amzn-ErrorType"))
}

// TestCallerIdentity: STS answers in XML, to requests in the body and to presigned ones, and so are its errors.
func TestCallerIdentity(t *testing.T) {
	f := newFixture(t)
	const body = "Action=GetCallerIdentity&Version=2011-06-15"
	post := func(body, secret string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8585/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
		return f.serve(f.sign(r, "sts", body, rootID, secret, ""))
	}
	w := post(body, secret)
	require.Equal(t, 200, w.Code, w.Body)
	require.Equal(t, "text/xml", w.Header().Get("Content-Type"))
	identity := fmt.Sprintf("<GetCallerIdentityResult><Arn>arn:aws:iam::%[1]s:root</Arn><UserId>%[1]s</UserId><Account>%[1]s</Account></GetCallerIdentityResult>", account)
	require.Contains(t, w.Body.String(), `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">`+identity)

	empty := sha256.Sum256(nil)
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8585/?"+body+"&X-Amz-Expires=60", nil)
	url, _, err := v4.NewSigner().PresignHTTP(context.Background(), aws.Credentials{AccessKeyID: rootID, SecretAccessKey: secret}, r,
		hex.EncodeToString(empty[:]), "sts", region, start)
	require.NoError(t, err)
	w = f.serve(httptest.NewRequest(http.MethodGet, url, nil))
	require.Equal(t, 200, w.Code, w.Body)
	require.Contains(t, w.Body.String(), identity)

	for _, tt := range []struct {
		name   string
		got    *httptest.ResponseRecorder
		status int
		code   string
	}{
		{"another secret", post(body, "x"), 403, "SignatureDoesNotMatch"},
		{"another operation", post("Action=AssumeRole", secret), 400, "InvalidAction"},
		{"no signature", f.serve(httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8585/?"+body, nil)), 403, "MissingAuthenticationToken"},
	} {
		require.Equal(t, tt.status, tt.got.Code, tt.name)
		require.Contains(t, tt.got.Body.String(), "<Error><Type>Sender</Type><Code>"+tt.code+"</Code>", tt.name)
	}
}

// TestErrorsOfRESTJSON: an operation of cloudtrail-data says what is wrong in its own protocol.
func TestErrorsOfRESTJSON(t *testing.T) {
	f := newFixture(t)
	const body = `{"auditEvents":[{"id":"a","eventData":"{}"}]}`
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8585/PutAuditEvents?channelArn=arn%3Aaws", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := f.serve(f.sign(r, "cloudtrail-data", body, rootID, secret, ""))
	require.Equal(t, "InvalidChannelARN", w.Header().Get("x-amzn-ErrorType"))
	require.Contains(t, w.Body.String(), `"message":`)
	require.Equal(t, "application/json", w.Header().Get("Content-Type"))
}

// TestAClosedDoor: a server that stops says so, and clients ask again.
func TestAClosedDoor(t *testing.T) {
	f := newFixture(t)
	f.door.Close()
	w := f.serve(f.sign(request("ListEventDataStores", "{}"), "cloudtrail", "{}", rootID, secret, ""))
	require.Equal(t, 503, w.Code, w.Body)
}
