package object

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseURL(t *testing.T) {
	for url, want := range map[string]Place{
		"s3://bucket":              {Bucket: "bucket"},
		"s3://bucket/":             {Bucket: "bucket"},
		"s3://bucket/AWSLogs/1/":   {Bucket: "bucket", Prefix: "AWSLogs/1/"},
		"s3://my.bucket/a b/ü?#*:": {Bucket: "my.bucket", Prefix: "a b/ü?#*:"},
	} {
		got, err := ParseURL(url)
		require.NoError(t, err, url)
		require.Equal(t, want, got)
	}
	require.Equal(t, "s3://bucket/a/b", Place{Bucket: "bucket", Prefix: "a/b"}.URL())
	for _, url := range []string{"", "bucket", "s3:/bucket", "s3://", "s3:///key", "gs://bucket", "s3://user@bucket/", "s3://host:9000/bucket", "s3://buck*t"} {
		_, err := ParseURL(url)
		require.ErrorContains(t, err, "is not of the form s3://bucket/prefix", url)
	}
}

// TestUnansweredRequest: of what clients wrap around it, only why there is no answer is told.
func TestUnansweredRequest(t *testing.T) {
	refused := errors.New("dial tcp 127.0.0.1:1: connect: connection refused")
	err := (&Client{}).failure("list", Place{Bucket: "b", Prefix: "p"}, fmt.Errorf("operation error S3: ListObjectsV2, StatusCode: 0, RequestID: , %w", &url.Error{Op: "Get", URL: "http://127.0.0.1:1/b", Err: refused}))
	require.EqualError(t, err, "list s3://b/p: the server does not respond: dial tcp 127.0.0.1:1: connect: connection refused")
	require.ErrorIs(t, err, refused)
}

// TestSettings: what cannot work is told before the first request.
func TestSettings(t *testing.T) {
	for name, value := range map[string]string{
		"HOME": t.TempDir(), "AWS_EC2_METADATA_DISABLED": "true", "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_PROFILE": "",
		"AWS_CONFIG_FILE": "", "AWS_SHARED_CREDENTIALS_FILE": "", "AWS_WEB_IDENTITY_TOKEN_FILE": "", "AWS_REGION": "", "AWS_DEFAULT_REGION": "",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "",
	} {
		t.Setenv(name, value)
	}
	_, err := NewClient(t.Context(), Options{})
	require.ErrorIs(t, err, ErrNoCredentials)

	forbidden := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	defer forbidden.Close()
	t.Setenv("AWS_EC2_METADATA_DISABLED", "false")
	t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", forbidden.URL)
	stderr := os.Stderr
	said, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	require.NoError(t, err)
	os.Stderr = said
	_, err = NewClient(t.Context(), Options{})
	os.Stderr = stderr
	require.ErrorIs(t, err, ErrNoCredentials)
	text, err := os.ReadFile(said.Name())
	require.NoError(t, errors.Join(err, said.Close()))
	require.Empty(t, string(text), "a machine without a role: the error says it")

	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	c, err := NewClient(t.Context(), Options{})
	require.NoError(t, err)
	require.Equal(t, "us-east-1", c.region)
	require.False(t, c.s3.Options().UsePathStyle)
	c, err = NewClient(t.Context(), Options{EndpointURL: "http://127.0.0.1:9000", Region: "eu-west-1"})
	require.NoError(t, err)
	require.Equal(t, "eu-west-1", c.region)
	require.True(t, c.s3.Options().UsePathStyle)
	t.Setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9000")
	c, err = NewClient(t.Context(), Options{})
	require.NoError(t, err)
	require.True(t, c.s3.Options().UsePathStyle, "the environment names another server")
	for _, endpoint := range []string{"localhost:9000", "ftp://x", "http://", "://"} {
		_, err := NewClient(t.Context(), Options{EndpointURL: endpoint})
		require.ErrorContains(t, err, "is not a URL such as")
	}
}

// TestResolve: what is resolved here means the same where the environment says otherwise.
func TestResolve(t *testing.T) {
	for name, value := range map[string]string{
		"HOME": t.TempDir(), "AWS_PROFILE": "", "AWS_CONFIG_FILE": "", "AWS_SHARED_CREDENTIALS_FILE": "", "AWS_DEFAULT_REGION": "",
		"AWS_REGION": "eu-north-1", "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "hush", "AWS_SESSION_TOKEN": "token",
		"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9000",
	} {
		t.Setenv(name, value)
	}
	resolved, err := Resolve(t.Context(), Options{})
	require.NoError(t, err)
	require.Equal(t, Options{Region: "eu-north-1", EndpointURL: "http://127.0.0.1:9000",
		Credentials: &Credentials{AccessKeyID: "key", SecretAccessKey: "hush", SessionToken: "token"}}, resolved)
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		require.NotContains(t, fmt.Sprintf(format, resolved.Credentials), "hush")
		require.NotContains(t, fmt.Sprintf(format, *resolved.Credentials), "hush")
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "credentials", resolved.Credentials)
	require.NotContains(t, log.String(), "hush")

	for name, value := range map[string]string{"AWS_REGION": "us-west-2", "AWS_ACCESS_KEY_ID": "other", "AWS_SECRET_ACCESS_KEY": "other",
		"AWS_SESSION_TOKEN": "", "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9001", "AWS_ENDPOINT_URL": "http://127.0.0.1:9002"} {
		t.Setenv(name, value)
	}
	again, err := Resolve(t.Context(), resolved)
	require.NoError(t, err)
	require.Equal(t, resolved, again)
	resolved.EndpointURL = "" // AWS itself
	again, err = Resolve(t.Context(), resolved)
	require.NoError(t, err)
	require.Equal(t, resolved, again)

	_, err = NewClient(t.Context(), Options{Credentials: &Credentials{AccessKeyID: "key"}})
	require.ErrorIs(t, err, errPartialCredentials)
}
