package identity_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/enginetest/clock"
	"github.com/auditlake/auditlake/engine/identity"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
)

var start = time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC)

// openLake opens the lake in dir at the time that the clock shows.
func openLake(t *testing.T, dir string, at *clock.Clock, options engine.Options) *engine.Lake {
	t.Helper()
	options.Now, options.Elapsed = at.Now, at.Elapsed
	lake, err := engine.Open(context.Background(), dir, options)
	require.NoError(t, err)
	return lake
}

func newKeys(t *testing.T) (*identity.Keys, *clock.Clock) {
	t.Helper()
	at := clock.New(start)
	lake := openLake(t, t.TempDir(), at, engine.Options{AccountID: "123456789012"})
	t.Cleanup(func() { require.NoError(t, lake.Close()) })
	return lake.Keys(), at
}

func TestCreateAndFind(t *testing.T) {
	keys, _ := newKeys(t)
	ctx := context.Background()
	document := `{"Version":"2012-10-17","Statement":[]}`
	made, secrets, err := keys.Create(ctx, identity.Options{
		Principal: "arn:aws:iam::123456789012:user/alice", Policies: []identity.Policy{{Name: "p", Document: document}},
		MaxBytesPerQuery: 10, MaxBytesPerDay: 20, ExpiresAt: start.Add(time.Hour),
	})
	require.NoError(t, err)
	require.Regexp(t, `^AKIA[A-Z2-7]{16}$`, made.ID)
	require.Regexp(t, `^[A-Za-z0-9+/]{40}$`, secrets.Secret)
	require.Empty(t, secrets.Token)
	require.Equal(t, &identity.Key{
		ID: made.ID, AccountID: "123456789012", Principal: "arn:aws:iam::123456789012:user/alice",
		Policies: []identity.Policy{{Name: "p", Document: document}}, MaxBytesPerQuery: 10, MaxBytesPerDay: 20,
		CreatedAt: start, ExpiresAt: start.Add(time.Hour),
	}, made)

	found, err := keys.Find(made.ID)
	require.NoError(t, err)
	require.Equal(t, *made, found.Key)
	require.Equal(t, secrets.Secret, found.Secret)
	require.NoError(t, found.Check("", start))
	require.ErrorIs(t, found.Check("a foreign token", start), identity.ErrToken)
	require.NoError(t, found.Check("", start.Add(time.Hour-1)))
	require.ErrorIs(t, found.Check("", start.Add(time.Hour)), identity.ErrExpired)

	_, err = keys.Find("AKIAAAAAAAAAAAAAAAAA")
	require.ErrorIs(t, err, identity.ErrNotFound)
	_, err = keys.Find("")
	require.ErrorIs(t, err, identity.ErrNotFound)
}

func TestSession(t *testing.T) {
	keys, at := newKeys(t)
	ctx := context.Background()
	made, secrets, err := keys.Create(ctx, identity.Options{Session: 12 * time.Hour})
	require.NoError(t, err)
	_, others, err := keys.Create(ctx, identity.Options{Session: 12 * time.Hour})
	require.NoError(t, err)
	require.Regexp(t, `^ASIA[A-Z2-7]{16}$`, made.ID)
	require.True(t, made.IsSession)
	require.Equal(t, start.Add(12*time.Hour), made.ExpiresAt)
	require.Equal(t, "arn:aws:iam::123456789012:user/"+made.ID, made.Principal)

	found, err := keys.Find(made.ID)
	require.NoError(t, err)
	require.NoError(t, found.Check(secrets.Token, start))
	require.ErrorIs(t, found.Check("", start), identity.ErrToken, "no token")
	require.ErrorIs(t, found.Check(others.Token, start), identity.ErrToken, "the token of another key")
	require.ErrorIs(t, found.Check(secrets.Token[:20], start), identity.ErrToken)
	at.Set(start.Add(12 * time.Hour))
	found, err = keys.Find(made.ID)
	require.NoError(t, err, "so that a door can say that it expired")
	require.ErrorIs(t, found.Check(secrets.Token, at.Now()), identity.ErrExpired)
	require.ErrorIs(t, found.Check(others.Token, at.Now()), identity.ErrToken, "foreign before expired")
}

func TestRefusedKeys(t *testing.T) {
	keys, _ := newKeys(t)
	for name, c := range map[string]struct {
		options identity.Options
		want    string
	}{
		"short session":                  {identity.Options{Session: time.Minute}, "a session lasts from 15m0s to 36h0m0s"},
		"long session":                   {identity.Options{Session: 37 * time.Hour}, "a session lasts"},
		"negative session":               {identity.Options{Session: -time.Hour}, "a session lasts"},
		"session with an end":            {identity.Options{Session: time.Hour, ExpiresAt: start.Add(time.Hour)}, "own end"},
		"expired":                        {identity.Options{ExpiresAt: start}, "its expiry 2026-01-31T10:00:00Z is in the past"},
		"account":                        {identity.Options{AccountID: "12345678901x"}, "12 digits"},
		"principal of no ARN":            {identity.Options{Principal: "alice"}, "the principal must be the ARN"},
		"principal of another account":   {identity.Options{Principal: "arn:aws:iam::123456789012:user/a", AccountID: "999999999999"}, "is not of account 999999999999"},
		"root":                           {identity.Options{Principal: "arn:aws:iam::123456789012:root"}, "the principal must be"},
		"wildcard":                       {identity.Options{Principal: "arn:aws:iam::123456789012:user/*"}, "the principal must be"},
		"negative cap":                   {identity.Options{MaxBytesPerDay: -1}, "a limit is a number of bytes"},
		"too many policies":              {identity.Options{Policies: make([]identity.Policy, identity.MaxPolicies+1)}, "may have 10 policies"},
		"a policy that is much too long": {identity.Options{Policies: []identity.Policy{{Name: "long", Document: strings.Repeat(" ", identity.MaxPolicyBytes+1)}}}, "the policy long has 10241 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := keys.Create(context.Background(), c.options)
			require.ErrorIs(t, err, identity.ErrInvalid)
			require.ErrorContains(t, err, c.want)
		})
	}
	all, err := keys.List(context.Background())
	require.NoError(t, err)
	require.Empty(t, all)
	further, err := keys.HasFurther()
	require.NoError(t, err)
	require.False(t, further)
}

func TestRevoke(t *testing.T) {
	keys, at := newKeys(t)
	ctx := context.Background()
	made, _, err := keys.Create(ctx, identity.Options{AccountID: "999999999999"})
	require.NoError(t, err)
	at.Set(start.Add(time.Minute))
	require.NoError(t, keys.Revoke(ctx, made.ID))
	_, err = keys.Find(made.ID)
	require.ErrorIs(t, err, identity.ErrNotFound)
	require.ErrorContains(t, keys.Revoke(ctx, made.ID), "is already revoked")
	require.ErrorIs(t, keys.Revoke(ctx, "AKIANONE"), identity.ErrNotFound)
	shown, err := keys.Show(made.ID)
	require.NoError(t, err)
	require.Equal(t, start.Add(time.Minute), shown.RevokedAt)
	require.Equal(t, "revoked", shown.State(at.Now()))
	further, err := keys.HasFurther()
	require.NoError(t, err)
	require.True(t, further, "a door that was closed stays closed")
}

// TestEndedKeysLeave: the records of keys that ended long ago go, except the last one, which says that there were keys.
func TestEndedKeysLeave(t *testing.T) {
	keys, at := newKeys(t)
	ctx := context.Background()
	ids := func() (ids []string) {
		all, err := keys.List(ctx)
		require.NoError(t, err)
		for _, k := range all {
			ids = append(ids, k.ID)
		}
		return ids
	}
	first, _, err := keys.Create(ctx, identity.Options{Session: time.Hour})
	require.NoError(t, err)
	at.Set(start.Add(time.Second))
	second, _, err := keys.Create(ctx, identity.Options{Session: time.Hour})
	require.NoError(t, err)
	require.Equal(t, []string{second.ID, first.ID}, ids())
	at.Set(start.Add(91 * 24 * time.Hour))
	third, _, err := keys.Create(ctx, identity.Options{})
	require.NoError(t, err)
	require.Equal(t, []string{third.ID, second.ID}, ids())
}

func TestRootKey(t *testing.T) {
	at := clock.New(start)
	dir := t.TempDir()
	ctx := context.Background()
	lake := openLake(t, dir, at, engine.Options{AccountID: "123456789012"})
	_, err := lake.Keys().MakeRoot(ctx, func(*identity.Credential) error { return errors.New("nowhere to write it") })
	require.EqualError(t, err, "nowhere to write it")
	all, err := lake.Keys().List(ctx)
	require.NoError(t, err)
	require.Empty(t, all, "a key that nobody was told of")

	var told *identity.Credential
	root, err := lake.Keys().MakeRoot(ctx, func(c *identity.Credential) error { told = c; return nil })
	require.NoError(t, err)
	require.Equal(t, told.Key, *root)
	require.True(t, root.IsRoot)
	require.Equal(t, "arn:aws:iam::123456789012:root", root.Principal)
	require.NoError(t, lake.Close())

	lake = openLake(t, dir, at, engine.Options{AccountID: "123456789012"})
	defer lake.Close()
	notAgain := func(*identity.Credential) error { t.Error("made again"); return nil }
	again, err := lake.Keys().MakeRoot(ctx, notAgain)
	require.NoError(t, err)
	require.Equal(t, root, again)
	found, err := lake.Keys().Find(root.ID)
	require.NoError(t, err)
	require.Equal(t, told.Secret, found.Secret)
	further, err := lake.Keys().HasFurther()
	require.NoError(t, err)
	require.False(t, further, "the root's alone")

	// A root key that was given counts instead.
	for _, wrong := range [][2]string{{"", "long-enough-a-secret"}, {"AKI A", "long-enough-a-secret"}, {"AKIA", "short"}, {"AKIA", "long enough, but spaces"}} {
		require.ErrorIs(t, lake.Keys().GiveRoot(wrong[0], wrong[1]), identity.ErrInvalid)
	}
	require.NoError(t, lake.Keys().GiveRoot("AKIDEXAMPLE", "not-a-secret-example-key"))
	given, err := lake.Keys().MakeRoot(ctx, notAgain)
	require.NoError(t, err)
	require.Equal(t, "AKIDEXAMPLE", given.ID)
	found, err = lake.Keys().Find("AKIDEXAMPLE")
	require.NoError(t, err)
	require.Equal(t, "not-a-secret-example-key", found.Secret)
	require.True(t, found.IsRoot)
	_, err = lake.Keys().Find(root.ID)
	require.ErrorIs(t, err, identity.ErrNotFound)
	all, err = lake.Keys().List(ctx)
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.Equal(t, "AKIDEXAMPLE", all[0].ID)
	require.ErrorIs(t, lake.Keys().Revoke(ctx, "AKIDEXAMPLE"), identity.ErrInvalid)
}

// TestRevokedRootKeyIsReplaced: revoking the root key is how it is changed.
func TestRevokedRootKeyIsReplaced(t *testing.T) {
	keys, _ := newKeys(t)
	ctx := context.Background()
	accept := func(*identity.Credential) error { return nil }
	first, err := keys.MakeRoot(ctx, accept)
	require.NoError(t, err)
	require.NoError(t, keys.Revoke(ctx, first.ID))
	second, err := keys.MakeRoot(ctx, accept)
	require.NoError(t, err)
	require.NotEqual(t, first.ID, second.ID)
	_, err = keys.Find(first.ID)
	require.ErrorIs(t, err, identity.ErrNotFound)
}

// TestSecretsAreSealed: no file of the lake holds a secret or token as it is; without the sealing key, with another one,
// or with a changed record there is no way in.
func TestSecretsAreSealed(t *testing.T) {
	at := clock.New(start)
	dir := filepath.Join(t.TempDir(), "lake")
	ctx := context.Background()
	lake := openLake(t, dir, at, engine.Options{})
	made, secrets, err := lake.Keys().Create(ctx, identity.Options{Session: time.Hour, Policies: []identity.Policy{{Name: "narrow", Document: "{}"}}})
	require.NoError(t, err)
	require.NoError(t, lake.Close())

	files := 0
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		files++
		require.NotContains(t, string(content), secrets.Secret, path)
		require.NotContains(t, string(content), secrets.Token, path)
		return err
	}))
	require.Greater(t, files, 3)

	sealing := filepath.Join(dir, "sealing.key")
	info, err := os.Stat(sealing)
	require.NoError(t, err)
	require.Zero(t, info.Mode().Perm()&0o077)

	find := func() error {
		lake := openLake(t, dir, at, engine.Options{ReadOnly: true})
		defer lake.Close()
		_, err := lake.Keys().Find(made.ID)
		return err
	}
	require.NoError(t, find())
	right, err := os.ReadFile(sealing)
	require.NoError(t, err)
	require.NoError(t, os.Remove(sealing))
	require.ErrorIs(t, find(), identity.ErrSealed)

	lake = openLake(t, dir, at, engine.Options{})
	_, _, err = lake.Keys().Create(ctx, identity.Options{}) // makes another sealing key
	require.NoError(t, err)
	require.NoError(t, lake.Close())
	require.ErrorIs(t, find(), identity.ErrSealed)
	require.NoError(t, os.WriteFile(sealing, []byte("-----BEGIN NONSENSE-----\n"), 0o600))
	require.ErrorContains(t, find(), "does not hold a sealing key")
	require.NoError(t, os.WriteFile(sealing, right, 0o600))
	require.NoError(t, find())

	data, err := storage.Open(ctx, dir, storage.Options{Now: at.Now})
	require.NoError(t, err)
	require.NoError(t, data.Catalog().Update(ctx, func(tx *catalog.Tx) error {
		record, err := tx.AccessKey(made.ID)
		require.NoError(t, err)
		record.Policies[0].Document = `{"wide":true}`
		return tx.PutAccessKey(record)
	}))
	require.NoError(t, data.Close())
	require.ErrorIs(t, find(), identity.ErrSealed)
}

// TestReadOnlyLake: keys of a lake that is open for reading work, and none can be made.
func TestReadOnlyLake(t *testing.T) {
	at := clock.New(start)
	dir := t.TempDir()
	ctx := context.Background()
	lake := openLake(t, dir, at, engine.Options{})
	require.NoError(t, lake.Close())
	lake = openLake(t, dir, at, engine.Options{ReadOnly: true})
	defer lake.Close()
	_, _, err := lake.Keys().Create(ctx, identity.Options{})
	require.ErrorIs(t, err, engine.ErrReadOnly)
	_, err = lake.Keys().MakeRoot(ctx, func(*identity.Credential) error { return nil })
	require.ErrorIs(t, err, engine.ErrReadOnly)
	_, err = os.Stat(filepath.Join(dir, "sealing.key"))
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NoError(t, lake.Keys().GiveRoot("AKIDEXAMPLE", "not-a-secret-example-key"))
	_, err = lake.Keys().Find("AKIDEXAMPLE")
	require.NoError(t, err)
}

func TestUserID(t *testing.T) {
	user := identity.Key{AccountID: "123456789012", Principal: "arn:aws:iam::123456789012:user/alice"}
	require.Regexp(t, `^AIDA[A-Z2-7]{16}$`, user.UserID())
	role := identity.Key{AccountID: "123456789012", Principal: "arn:aws:sts::123456789012:assumed-role/ops/monday"}
	require.Regexp(t, `^AROA[A-Z2-7]{16}:monday$`, role.UserID())
	other := identity.Key{AccountID: "123456789012", Principal: "arn:aws:sts::123456789012:assumed-role/ops/friday"}
	require.Equal(t, role.UserID()[:20], other.UserID()[:20], "one role")
	require.Equal(t, "123456789012", (&identity.Key{AccountID: "123456789012", IsRoot: true}).UserID())
}
