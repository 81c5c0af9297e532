package saved

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
)

var (
	ann   = Person{User: "arn:ann"}
	bob   = Person{User: "arn:bob"}
	owner = Person{User: "arn:owner", IsOwner: true}
)

// library is a catalog with saved questions, and a clock.
type library struct {
	*Questions
	catalog *catalog.Catalog
	now     time.Time
}

func newLibrary(t *testing.T) *library {
	l := &library{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	l.catalog = openCatalog(t, t.TempDir())
	l.Questions = New(l.catalog, func() time.Time { return l.now })
	return l
}

func openCatalog(t *testing.T, dir string) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Open(dir, catalog.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func draft(name string) Draft {
	return Draft{Folder: "team/keys", Name: name, Description: "what it finds", Statement: "SELECT :who", Parameters: []Parameter{{"who", "ann"}}}
}

// TestVersions: each save is a version that can be looked at, with who saved it when, and an earlier one is restored by saving it again.
func TestVersions(t *testing.T) {
	ctx, l := context.Background(), newLibrary(t)
	first := draft("a")
	first.IsShared = true
	made, err := l.Save(ctx, ann, first)
	require.NoError(t, err)
	l.now = l.now.Add(time.Hour)
	second := first
	second.Statement, second.Name = "SELECT 2", "b"
	changed, err := l.Change(ctx, bob, made.ID, 1, second)
	require.NoError(t, err)
	require.Equal(t, 2, changed.Version)

	found, version, err := l.Get(ctx, ann, made.ID, 0)
	require.NoError(t, err)
	require.Equal(t, &Question{
		ID: made.ID, Owner: "arn:ann", IsShared: true, Folder: "team/keys", Name: "b", Description: "what it finds", Version: 2, Oldest: 1,
		CreatedAt: l.now.Add(-time.Hour), ChangedAt: l.now, ChangedBy: "arn:bob",
	}, found)
	require.Equal(t, "SELECT 2", version.Statement)
	_, old, err := l.Get(ctx, ann, made.ID, 1)
	require.NoError(t, err)
	require.Equal(t, &Version{
		Number: 1, Folder: "team/keys", Name: "a", Description: "what it finds", Statement: "SELECT :who", Parameters: []Parameter{{"who", "ann"}},
		At: l.now.Add(-time.Hour), By: "arn:ann",
	}, old)
	_, _, err = l.Get(ctx, ann, made.ID, 3)
	require.ErrorIs(t, err, ErrNotFound)

	_, err = l.Change(ctx, ann, made.ID, 1, first)
	require.ErrorIs(t, err, ErrChanged, "somebody saved since")
	_, err = l.Change(ctx, ann, made.ID, 2, first)
	require.NoError(t, err)
	versions, err := l.Versions(ctx, bob, made.ID)
	require.NoError(t, err)
	require.Equal(t, []int{3, 2, 1}, []int{versions[0].Number, versions[1].Number, versions[2].Number})
	require.Equal(t, old.Statement, versions[0].Statement)
}

// TestOldVersionsGo: of a question that is saved again and again the newest versions stay.
func TestOldVersionsGo(t *testing.T) {
	ctx, l := context.Background(), newLibrary(t)
	made, err := l.Save(ctx, ann, draft("a"))
	require.NoError(t, err)
	for base := 1; base < MaxVersions+5; base++ {
		_, err = l.Change(ctx, ann, made.ID, base, draft("a"))
		require.NoError(t, err)
	}
	versions, err := l.Versions(ctx, ann, made.ID)
	require.NoError(t, err)
	require.Len(t, versions, MaxVersions)
	require.Equal(t, 6, versions[MaxVersions-1].Number)
	require.NoError(t, l.catalog.View(func(tx *catalog.Tx) error {
		record, err := tx.SavedQuestion(made.ID)
		require.Equal(t, 6, record.Oldest)
		require.Equal(t, int64(MaxVersions*len("team/keys"+"a"+"what it finds"+"SELECT :who"+"who"+"ann")), record.Bytes)
		return err
	}))
	_, err = l.Delete(ctx, ann, made.ID)
	require.NoError(t, err)
	require.NoError(t, l.catalog.View(func(tx *catalog.Tx) error {
		for range tx.SavedVersions(made.ID) {
			require.Fail(t, "a version is left")
		}
		return nil
	}))
}

// TestWhoSeesWhat: questions of one's own are nobody else's but the lake's owner's; shared ones everybody changes, and only who owns one
// deletes it or says who sees it.
func TestWhoSeesWhat(t *testing.T) {
	ctx, l := context.Background(), newLibrary(t)
	own, err := l.Save(ctx, ann, draft("own"))
	require.NoError(t, err)
	open := draft("shared")
	open.IsShared = true
	shared, err := l.Save(ctx, ann, open)
	require.NoError(t, err)

	names := func(who Person) (names []string) {
		found, err := l.List(ctx, who)
		require.NoError(t, err)
		for _, q := range found {
			names = append(names, q.Name)
		}
		return names
	}
	require.Equal(t, []string{"own", "shared"}, names(ann))
	require.Equal(t, []string{"shared"}, names(bob))
	require.Equal(t, []string{"own", "shared"}, names(owner))

	_, _, err = l.Get(ctx, bob, own.ID, 0)
	require.ErrorIs(t, err, ErrNotFound)
	_, err = l.Versions(ctx, bob, own.ID)
	require.ErrorIs(t, err, ErrNotFound)
	_, err = l.Change(ctx, bob, own.ID, 1, draft("own"))
	require.ErrorIs(t, err, ErrNotFound)
	_, err = l.Delete(ctx, bob, own.ID)
	require.ErrorIs(t, err, ErrNotFound)

	_, err = l.Change(ctx, bob, shared.ID, 1, draft("shared"))
	require.ErrorIs(t, err, ErrNotYours, "it would not be shared any more")
	_, err = l.Delete(ctx, bob, shared.ID)
	require.ErrorIs(t, err, ErrNotYours)
	_, err = l.Change(ctx, bob, shared.ID, 1, open)
	require.NoError(t, err)
	_, err = l.Change(ctx, ann, shared.ID, 2, draft("shared"))
	require.NoError(t, err)
	require.Empty(t, names(bob))
	_, err = l.Delete(ctx, owner, shared.ID)
	require.NoError(t, err)
	require.Equal(t, []string{"own"}, names(ann))
}

// TestNames: in a folder a name stands for one question, among those that are shared and among those of a person.
func TestNames(t *testing.T) {
	ctx, l := context.Background(), newLibrary(t)
	_, err := l.Save(ctx, ann, draft("a"))
	require.NoError(t, err)
	_, err = l.Save(ctx, ann, draft("a"))
	require.ErrorIs(t, err, ErrExists)
	_, err = l.Save(ctx, bob, draft("a"))
	require.NoError(t, err, "it is of another person")
	elsewhere := draft("a")
	elsewhere.Folder = ""
	moved, err := l.Save(ctx, ann, elsewhere)
	require.NoError(t, err)
	_, err = l.Change(ctx, ann, moved.ID, 1, draft("a"))
	require.ErrorIs(t, err, ErrExists)
	shared := draft("a")
	shared.IsShared = true
	_, err = l.Save(ctx, ann, shared)
	require.NoError(t, err)
	_, err = l.Save(ctx, bob, shared)
	require.ErrorIs(t, err, ErrExists)
}

// TestRefusedDrafts: what cannot be shown in a list, or is too long, is not saved.
func TestRefusedDrafts(t *testing.T) {
	ctx, l := context.Background(), newLibrary(t)
	for _, refused := range []struct {
		name   string
		change func(*Draft)
		says   string
	}{
		{"no name", func(d *Draft) { d.Name = "" }, "must not be empty"},
		{"a name of spaces", func(d *Draft) { d.Name = " a" }, "nor begin or end"},
		{"a long name", func(d *Draft) { d.Name = strings.Repeat("a", 201) }, "201 bytes; the maximum is 200"},
		{"two lines", func(d *Draft) { d.Name = "a\nb" }, "control character"},
		{"no UTF-8", func(d *Draft) { d.Name = "\xff" }, "not UTF-8"},
		{"an empty folder", func(d *Draft) { d.Folder = "a//b" }, "single slashes"},
		{"a slash at the end", func(d *Draft) { d.Folder = "a/" }, "single slashes"},
		{"deep folders", func(d *Draft) { d.Folder = "1/2/3/4/5/6/7/8/9" }, "at most 8 deep"},
		{"a long folder", func(d *Draft) { d.Folder = strings.Repeat("a", 401) }, "the maximum is 400"},
		{"a long description", func(d *Draft) { d.Description = strings.Repeat("a", 4001) }, "the maximum is 4000"},
		{"a description that is no text", func(d *Draft) { d.Description = "\xff" }, "not UTF-8"},
		{"no statement", func(d *Draft) { d.Statement = "\n" }, "statement is empty"},
		{"a long statement", func(d *Draft) { d.Statement = strings.Repeat("a", MaxStatementBytes+1) }, "the maximum is 100000"},
		{"many parameters", func(d *Draft) { d.Parameters = make([]Parameter, 101) }, "101 parameters"},
		{"a long value", func(d *Draft) { d.Parameters[0].Value = strings.Repeat("a", 4001) }, "at most 4000 bytes"},
		{"a name of a parameter of two lines", func(d *Draft) { d.Parameters[0].Name = "a\r" }, "control character"},
	} {
		t.Run(refused.name, func(t *testing.T) {
			d := draft("a")
			refused.change(&d)
			_, err := l.Save(ctx, ann, d)
			require.ErrorIs(t, err, ErrInvalid)
			require.ErrorContains(t, err, refused.says)
			_, err = l.Change(ctx, ann, "x", 1, d)
			require.ErrorIs(t, err, ErrInvalid)
		})
	}
}

// TestLimits: one person does not take all the room, and all together not more than there is.
func TestLimits(t *testing.T) {
	ctx := context.Background()
	for _, limit := range []struct {
		name  string
		there []catalog.SavedQuestion
		says  string
	}{
		{"of a person", repeated(MaxQuestionsOfOwner, catalog.SavedQuestion{Owner: ann.User}), "a person has at most 500"},
		{"of a lake", repeated(MaxQuestions, catalog.SavedQuestion{Owner: bob.User}), "a lake has at most 2000"},
		{"bytes", repeated(1, catalog.SavedQuestion{Owner: bob.User, Bytes: MaxBytes - 10}), "67108864 bytes"},
	} {
		t.Run(limit.name, func(t *testing.T) {
			l := newLibrary(t)
			require.NoError(t, l.catalog.Update(ctx, func(tx *catalog.Tx) error {
				for i := range limit.there {
					require.NoError(t, tx.PutSavedQuestion(&limit.there[i]))
				}
				return nil
			}))
			_, err := l.Save(ctx, ann, draft("a"))
			require.ErrorIs(t, err, ErrTooMany)
			require.ErrorContains(t, err, limit.says)
		})
	}
}

func repeated(n int, q catalog.SavedQuestion) (all []catalog.SavedQuestion) {
	for i := range n {
		q.ID = strings.Repeat("x", i%50) + string(rune('a'+i/50))
		q.Name = q.ID
		all = append(all, q)
	}
	return all
}

// TestReopened: questions outlive the process.
func TestReopened(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	c := openCatalog(t, dir)
	made, err := New(c, time.Now).Save(ctx, ann, draft("a"))
	require.NoError(t, err)
	require.NoError(t, c.Close())
	found, version, err := New(openCatalog(t, dir), time.Now).Get(ctx, ann, made.ID, 0)
	require.NoError(t, err)
	require.Equal(t, "a", found.Name)
	require.Equal(t, draft("a").Parameters, version.Parameters)
}
