package awsapi_test

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestListPublicKeys: without times the key that signs now, which is made; otherwise those of a range, in pages, also one
// that ends in the future.
func TestListPublicKeys(t *testing.T) {
	f := newFixture(t)
	const validity = 30 * 24 * time.Hour
	require.Empty(t, f.get("ListPublicKeys", of("StartTime", start.Unix(), "EndTime", start.Add(validity).Unix()))["PublicKeyList"])
	current := f.get("ListPublicKeys", of())["PublicKeyList"].([]any)
	require.Len(t, current, 1)
	require.Equal(t, current, f.get("ListPublicKeys", of())["PublicKeyList"])
	key := current[0].(map[string]any)
	require.Regexp(t, "^[0-9a-f]{32}$", key["Fingerprint"])
	require.Equal(t, float64(start.Unix()), key["ValidityStartTime"])
	require.Equal(t, float64(start.Add(validity).Unix()), key["ValidityEndTime"])
	der, err := base64.StdEncoding.DecodeString(key["Value"].(string))
	require.NoError(t, err)
	public, err := x509.ParsePKCS1PublicKey(der)
	require.NoError(t, err)
	require.Equal(t, 2048, public.N.BitLen())

	for range 11 {
		f.clock.Pass(validity)
		_, err := f.lake.Keys().CurrentPublicKey(context.Background())
		require.NoError(t, err)
	}
	var got []any
	members := of("StartTime", start.Unix(), "EndTime", f.clock.Now().Add(validity).Unix())
	pages := 0
	for ; ; pages++ {
		out := f.get("ListPublicKeys", members)
		got = append(got, out["PublicKeyList"].([]any)...)
		if out["NextToken"] == nil {
			break
		}
		members["NextToken"] = out["NextToken"]
	}
	require.Equal(t, 1, pages)
	require.Len(t, got, 12)
	require.Equal(t, key, got[0])
	require.Equal(t, []any{key}, f.get("ListPublicKeys", of("StartTime", start.Unix(), "EndTime", start.Unix()+1))["PublicKeyList"])
	f.refused("InvalidTimeRangeException", "ListPublicKeys", of("StartTime", 2, "EndTime", 1))
	f.refused("InvalidTimeRangeException", "ListPublicKeys", of("EndTime", 1))
	f.refused("InvalidTokenException", "ListPublicKeys", of("NextToken", "abcdef"))
}
