package awsapi_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/stretchr/testify/require"
)

// TestOperationsTakePOST: a signed GET or HEAD does no operation.
func TestOperationsTakePOST(t *testing.T) {
	f := newFixture(t)
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		for _, operation := range []string{"CreateEventDataStore", "ListEventDataStores"} {
			body := `{"Name": "made"}`
			if operation == "ListEventDataStores" {
				body = "{}"
			}
			r := request(operation, body)
			r.Method = method
			w := f.serve(f.sign(r, "cloudtrail", body, rootID, secret, ""))
			require.Equal(t, "UnknownOperationException", w.Header().Get("x-amzn-ErrorType"), "%s %s", method, operation)
			require.Equal(t, http.StatusBadRequest, w.Code)
		}
	}
	require.Empty(t, f.get("ListEventDataStores", of())["EventDataStores"])
}

// TestPresignedOperations: what may be sent again for long changes nothing.
func TestPresignedOperations(t *testing.T) {
	f := newFixture(t)
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableHeaderHoisting = true })
	presigned := func(operation, body string, seconds int) *httptest.ResponseRecorder {
		t.Helper()
		r := request(operation, body)
		r.URL.RawQuery = fmt.Sprintf("X-Amz-Expires=%d", seconds)
		hash := sha256.Sum256([]byte(body))
		credentials := aws.Credentials{AccessKeyID: rootID, SecretAccessKey: secret}
		url, header, err := signer.PresignHTTP(context.Background(), credentials, r, hex.EncodeToString(hash[:]), "cloudtrail", region, f.clock.Now())
		require.NoError(t, err)
		sent := httptest.NewRequest(http.MethodPost, url, strings.NewReader(body))
		sent.Header = header.Clone()
		return f.serve(sent)
	}
	for _, tt := range []struct {
		operation, body string
		seconds         int
		want            string
	}{
		{"CreateEventDataStore", `{"Name": "long"}`, 901, "InvalidSignatureException"},
		{"CreateEventDataStore", `{"Name": "week"}`, 604_800, "InvalidSignatureException"},
		{"StartQuery", `{"QueryStatement": "SELECT 1"}`, 901, "InvalidSignatureException"},
		{"CreateEventDataStore", `{"Name": "short"}`, 900, ""},
		{"ListEventDataStores", `{}`, 604_800, ""},
	} {
		w := presigned(tt.operation, tt.body, tt.seconds)
		require.Equal(t, tt.want, w.Header().Get("x-amzn-ErrorType"), "%s for %d s: %s", tt.operation, tt.seconds, w.Body)
	}
	require.Len(t, f.get("ListEventDataStores", of())["EventDataStores"], 1)
}
