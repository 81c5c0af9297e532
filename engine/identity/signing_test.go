package identity_test

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/enginetest/clock"
	"github.com/auditlake/auditlake/engine/identity"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
)

// verify checks a signature with the one of some keys that it names.
func verify(t *testing.T, s *identity.Signature, text string, keys []*identity.PublicKey) {
	t.Helper()
	for _, key := range keys {
		if key.Fingerprint != s.Fingerprint {
			continue
		}
		public, err := x509.ParsePKCS1PublicKey(key.DER)
		require.NoError(t, err)
		hash := sha256.Sum256([]byte(text))
		require.NoError(t, rsa.VerifyPKCS1v15(public, crypto.SHA256, hash[:], s.Bytes))
		require.False(t, s.At.Before(key.ValidFrom))
		require.True(t, s.At.Before(key.ValidUntil))
		return
	}
	require.Fail(t, "no such key", s.Fingerprint)
}

// TestSigningKeysRotate: a key signs for 30 days; then another one does, and the old one is listed for its time, without
// being able to sign.
func TestSigningKeysRotate(t *testing.T) {
	const day = 24 * time.Hour
	ctx := context.Background()
	at := clock.New(start.Add(700 * time.Millisecond))
	dir := t.TempDir()
	lake := openLake(t, dir, at, engine.Options{})
	none, err := lake.Keys().PublicKeys(start, start.Add(day))
	require.NoError(t, err)
	require.Empty(t, none)
	current, err := lake.Keys().CurrentPublicKey(ctx)
	require.NoError(t, err)
	first, err := lake.Keys().Sign(ctx, []byte("first"))
	require.NoError(t, err)
	require.Equal(t, current.Fingerprint, first.Fingerprint)
	at.Pass(29 * day)
	again, err := lake.Keys().Sign(ctx, []byte("again"))
	require.NoError(t, err)
	require.Equal(t, first.Fingerprint, again.Fingerprint)
	at.Pass(day)
	require.NoError(t, lake.Close())
	lake = openLake(t, dir, at, engine.Options{})
	second, err := lake.Keys().Sign(ctx, []byte("second"))
	require.NoError(t, err)
	require.NotEqual(t, first.Fingerprint, second.Fingerprint)

	all, err := lake.Keys().PublicKeys(start, start.Add(40*day))
	require.NoError(t, err)
	require.Len(t, all, 2)
	verify(t, first, "first", all)
	verify(t, again, "again", all)
	verify(t, second, "second", all)
	for _, c := range []struct {
		name     string
		from, to time.Time
		want     []string
	}{
		{"before", start.Add(-2 * day), start.Add(-day), nil},
		{"the second of its beginning", start.Add(-day), start, []string{first.Fingerprint}},
		{"as verify-query-results asks", start, start.Add(20 * day), []string{first.Fingerprint}},
		{"over the change", start.Add(29 * day), start.Add(49 * day), []string{first.Fingerprint, second.Fingerprint}},
		{"the end is not in it", start.Add(30 * day), start.Add(31 * day), []string{second.Fingerprint}},
		{"after", start.Add(61 * day), start.Add(62 * day), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, err := lake.Keys().PublicKeys(c.from, c.to)
			require.NoError(t, err)
			var got []string
			for _, key := range found {
				got = append(got, key.Fingerprint)
			}
			require.Equal(t, c.want, got)
		})
	}
	require.NoError(t, lake.Close())
	data, err := storage.Open(ctx, dir, storage.Options{Now: at.Now})
	require.NoError(t, err)
	defer func() { require.NoError(t, data.Close()) }()
	require.NoError(t, data.Catalog().View(func(tx *catalog.Tx) error {
		records, err := tx.SigningKeys()
		require.NoError(t, err)
		require.Len(t, records, 2)
		require.Empty(t, records[0].SealedPrivateKey, "its time is over")
		require.NotEmpty(t, records[1].SealedPrivateKey)
		_, err = x509.ParsePKCS1PrivateKey(records[1].SealedPrivateKey)
		require.Error(t, err, "it is sealed")
		return nil
	}))
}

// TestSigningKeyThatCannotBeRead: a private key whose seal does not open, or whose record was changed, signs nothing:
// another key does.
func TestSigningKeyThatCannotBeRead(t *testing.T) {
	ctx := context.Background()
	at := clock.New(start)
	dir := t.TempDir()
	sign := func() *identity.Signature {
		lake := openLake(t, dir, at, engine.Options{})
		defer lake.Close()
		s, err := lake.Keys().Sign(ctx, []byte("text"))
		require.NoError(t, err)
		return s
	}
	first := sign()
	require.NoError(t, os.Remove(filepath.Join(dir, "sealing.key")))
	at.Pass(time.Minute)
	second := sign()
	require.NotEqual(t, first.Fingerprint, second.Fingerprint)

	data, err := storage.Open(ctx, dir, storage.Options{Now: at.Now})
	require.NoError(t, err)
	require.NoError(t, data.Catalog().Update(ctx, func(tx *catalog.Tx) error {
		records, err := tx.SigningKeys()
		require.NoError(t, err)
		records[1].ValidUntil = records[1].ValidUntil.Add(time.Hour)
		return tx.PutSigningKey(records[1])
	}))
	require.NoError(t, data.Close())
	at.Pass(time.Minute)
	require.NotContains(t, []string{first.Fingerprint, second.Fingerprint}, sign().Fingerprint)

	lake := openLake(t, dir, at, engine.Options{ReadOnly: true})
	defer lake.Close()
	keys, err := lake.Keys().PublicKeys(at.Now(), at.Now())
	require.NoError(t, err)
	require.Len(t, keys, 3)
	at.Pass(31 * 24 * time.Hour)
	_, err = lake.Keys().Sign(ctx, []byte("text"))
	require.ErrorIs(t, err, engine.ErrReadOnly)
}
