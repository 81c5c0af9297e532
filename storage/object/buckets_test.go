package object

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func bucketsFrom(t *testing.T, text string) (*Buckets, error) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "buckets.toml")
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	b, err := LoadBuckets(name)
	if err == nil {
		t.Cleanup(func() { require.NoError(t, b.Close()) })
	}
	return b, err
}

// TestBucketsFile: the first entry whose pattern a name matches says where the bucket is.
func TestBucketsFile(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1") // which is none of the file's
	t.Setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
	t.Setenv("SOME_ID", "id from environment")
	t.Setenv("SOME_SECRET", "secret from environment")
	profiles := filepath.Join(t.TempDir(), "credentials")
	require.NoError(t, os.WriteFile(profiles, []byte("[audit]\naws_access_key_id = id of profile\naws_secret_access_key = secret\n"), 0o600))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", profiles)
	folder := t.TempDir()
	b, err := bucketsFrom(t, `
[[bucket]]
name = "trail-exact"
endpoint = "http://127.0.0.1:9000"
region = "eu-central-1"
access_key_id = "id of file"
secret_access_key = "secret of file"

[[bucket]]
name = "trail-*"
access_key_id_env = "SOME_ID"
secret_access_key_env = "SOME_SECRET"

[[bucket]]
name = "*"
endpoint = "https://objects.example.com"
path_style = false
profile = "audit"

[[folder]]
name = "exports"
path = "`+folder+`"
`)
	require.NoError(t, err)
	for _, tt := range []struct{ bucket, region, wantEndpoint, wantRegion, wantKey string }{
		{"trail-exact", "us-west-1", "http://127.0.0.1:9000", "eu-central-1", "id of file"},
		{"trail-other", "us-west-1", "", "us-west-1", "id from environment"},
		{"trail-other", "", "", "us-east-1", "id from environment"},
		{"anything", "", "https://objects.example.com", "us-east-1", "id of profile"},
	} {
		found, err := b.Find(t.Context(), tt.bucket, tt.region)
		require.NoError(t, err)
		o := found.(*Client).s3.Options()
		endpoint := ""
		if o.BaseEndpoint != nil {
			endpoint = *o.BaseEndpoint
		}
		credentials, err := o.Credentials.Retrieve(t.Context())
		require.NoError(t, err)
		require.Equal(t, []string{tt.wantEndpoint, tt.wantRegion, tt.wantKey}, []string{endpoint, o.Region, credentials.AccessKeyID})
		require.Equal(t, tt.bucket == "trail-exact", o.UsePathStyle)
		again, err := b.Find(t.Context(), tt.bucket, tt.region)
		require.NoError(t, err)
		require.Same(t, found, again)
	}
	local, err := b.Find(t.Context(), "local-exports", "")
	require.NoError(t, err)
	putText(t, local, "a/b", "text")
	require.FileExists(t, filepath.Join(folder, "a", "b"))
	for _, name := range []string{"local-other", "local-", "local-..", "local-exports/.."} {
		_, err := b.Find(t.Context(), name, "")
		require.ErrorIs(t, err, ErrNoSuchBucket, name)
	}
	_, err = (*Buckets)(nil).Find(t.Context(), "trail-exact", "")
	require.ErrorIs(t, err, ErrNoSuchBucket)

	require.ErrorContains(t, b.CheckApart(folder), "overlaps the lake's folder")
	require.ErrorContains(t, b.CheckApart(filepath.Dir(folder)), "overlaps the lake's folder")
	require.ErrorContains(t, b.CheckApart(filepath.Join(folder, "lake")), "overlaps the lake's folder")
	require.NoError(t, b.CheckApart(t.TempDir()))
}

func TestBucketsFileErrors(t *testing.T) {
	folder := t.TempDir()
	for _, tt := range []struct{ name, text, want string }{
		{"no TOML", "[[bucket]]\nname = x", "line 2, column 8"},
		{"unknown setting", "[[bucket]]\nname = \"x\"\nendpont = \"http://a\"", `line 3: there is no setting "bucket.endpont"`},
		{"unknown table", "[bucketz]\n", "there is no setting"},
		{"no name", "[[bucket]]\nregion = \"eu-west-1\"", "bucket 1"},
		{"bad pattern", "[[bucket]]\nname = \"a[\"", "pattern"},
		{"folder's name", "[[bucket]]\nname = \"local-x\"", "reserved for folders"},
		{"endpoint", "[[bucket]]\nname = \"x\"\nendpoint = \"localhost:9000\"", "is not a URL"},
		{"key without secret", "[[bucket]]\nname = \"x\"\naccess_key_id = \"k\"", "without its secret"},
		{"variable not set", "[[bucket]]\nname = \"x\"\naccess_key_id_env = \"AUDITLAKE_NOT_SET\"", "AUDITLAKE_NOT_SET is not set"},
		{"value and variable", "[[bucket]]\nname = \"x\"\naccess_key_id = \"k\"\naccess_key_id_env = \"HOME\"", "set either the environment variable HOME or the value"},
		{"profile and key", "[[bucket]]\nname = \"x\"\nprofile = \"p\"\naccess_key_id = \"k\"\nsecret_access_key = \"s\"", "either a profile"},
		{"no role", "[[bucket]]\nname = \"x\"\nexternal_id = \"e\"", "assume_role"},
		{"relative folder", "[[folder]]\nname = \"x\"\npath = \"y\"", "must be absolute"},
		{"no folder", "[[folder]]\nname = \"x\"\npath = \"" + folder + "/nothing\"", "no such file"},
		{"name of a folder", "[[folder]]\nname = \"X/..\"\npath = \"" + folder + "\"", "lowercase letters"},
		{"folder twice", strings.Repeat("[[folder]]\nname = \"x\"\npath = \""+folder+"\"\n", 2), "has the same name"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := bucketsFrom(t, tt.text)
			require.ErrorContains(t, err, tt.want)
			require.ErrorContains(t, err, "buckets file /")
		})
	}
	name := filepath.Join(t.TempDir(), "buckets.toml")
	require.NoError(t, os.WriteFile(name, []byte("[[bucket]]\nname = \"x\"\naccess_key_id = \"k\"\nsecret_access_key = \"hush\""), 0o600))
	require.NoError(t, os.Chmod(name, 0o644))
	_, err := LoadBuckets(name)
	require.ErrorContains(t, err, "other users can read it")
	require.NotContains(t, err.Error(), "hush")
}

// TestAssumedRole: a bucket's role is assumed with the credentials of its entry, once, and what it gets signs the requests.
func TestAssumedRole(t *testing.T) {
	var mu sync.Mutex
	var assumed []string
	denied := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if r.Method == http.MethodPost {
			require.NoError(t, r.ParseForm())
			assumed = append(assumed, strings.Join([]string{r.Form.Get("Action"), r.Form.Get("RoleArn"), r.Form.Get("ExternalId")}, " "))
			if denied {
				w.WriteHeader(http.StatusForbidden)
				w.Write([]byte(`<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you</Message></Error></ErrorResponse>`))
				return
			}
			w.Write([]byte(`<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ROLESKEY</AccessKeyId><SecretAccessKey>s</SecretAccessKey>` +
				`<SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`))
			return
		}
		require.Contains(t, r.Header.Get("Authorization"), "Credential=ROLESKEY/")
		require.Equal(t, "t", r.Header.Get("X-Amz-Security-Token"))
		w.Header().Set("Content-Length", "7")
	}))
	defer server.Close()
	file := `
[[bucket]]
name = "b"
endpoint = "` + server.URL + `"
access_key_id = "k"
secret_access_key = "s"
assume_role = "arn:aws:iam::111122223333:role/copy"
external_id = "ours"
sts_endpoint = "` + server.URL + `"
`
	b, err := bucketsFrom(t, file)
	require.NoError(t, err)
	for range 3 {
		found, err := b.Find(t.Context(), "b", "")
		require.NoError(t, err)
		o, err := found.Head(t.Context(), Place{"b", "x"})
		require.NoError(t, err)
		require.EqualValues(t, 7, o.Bytes)
	}
	require.Equal(t, []string{"AssumeRole arn:aws:iam::111122223333:role/copy ours"}, assumed)

	denied = true
	b, err = bucketsFrom(t, file)
	require.NoError(t, err)
	found, err := b.Find(t.Context(), "b", "")
	require.NoError(t, err)
	_, err = found.Head(t.Context(), Place{"b", "x"})
	require.ErrorIs(t, err, ErrAccessDenied)
	require.ErrorContains(t, err, "not you")
}
