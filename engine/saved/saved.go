// Package saved keeps the questions that people saved: statements with a name and a folder, of their own or shared
// with everybody. Each has versions that can be looked at and restored.
package saved

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/auditlake/auditlake/storage/catalog"
)

// Question is a saved question; changing it changes nothing in the lake.
type Question struct {
	ID       string
	Owner    string // who saved it first
	IsShared bool   // with everybody; otherwise it is its owner's alone
	Folder   string // parts are divided by slashes, "" is the top
	Name     string
	// Description is what the question is about, for people.
	Description string
	Version     int // the newest, from 1
	Oldest      int // the oldest version that is kept
	CreatedAt   time.Time
	ChangedAt   time.Time
	ChangedBy   string
}

// Version is a question as it was saved once.
type Version struct {
	Number                    int
	Folder, Name, Description string
	Statement                 string
	Parameters                []Parameter
	At                        time.Time
	By                        string
}

// Parameter is the value that a parameter of a statement begins with.
type Parameter struct{ Name, Value string }

// Draft is a question to be saved.
type Draft struct {
	Folder, Name, Description string
	Statement                 string
	Parameters                []Parameter
	IsShared                  bool
}

// Person is who asks. The lake's owner sees all questions, whosever they are.
type Person struct {
	User    string
	IsOwner bool
}

// Errors of saved questions. They are wrapped with what is wrong.
var (
	ErrNotFound = errors.New("saved question not found")
	ErrExists   = errors.New("a saved question of this name exists in the folder")
	ErrInvalid  = errors.New("invalid saved question")
	ErrTooMany  = errors.New("too many saved questions")
	ErrChanged  = errors.New("the saved question was changed in the meantime")
	ErrNotYours = errors.New("the saved question belongs to another user")
)

// Questions are the saved questions of a lake. It is safe for concurrent use.
type Questions struct {
	catalog *catalog.Catalog
	now     func() time.Time
}

// New returns the saved questions of a lake's catalog.
func New(c *catalog.Catalog, now func() time.Time) *Questions { return &Questions{c, now} }

// List returns the questions that a person may see, by folder and name.
func (q *Questions) List(ctx context.Context, who Person) (seen []*Question, err error) {
	err = q.catalog.View(func(tx *catalog.Tx) error {
		records, err := tx.SavedQuestions()
		for _, r := range records {
			if who.sees(r) {
				seen = append(seen, fromRecord(r))
			}
		}
		return err
	})
	slices.SortFunc(seen, func(a, b *Question) int {
		return cmpTexts(a.Folder, b.Folder, a.Name, b.Name, a.ID, b.ID)
	})
	return seen, errors.Join(err, ctx.Err())
}

// cmpTexts compares pairs of texts until one differs.
func cmpTexts(pairs ...string) int {
	for i := 0; i < len(pairs); i += 2 {
		if order := strings.Compare(pairs[i], pairs[i+1]); order != 0 {
			return order
		}
	}
	return 0
}

// Get finds a question with one of its versions, 0 for the newest.
func (q *Questions) Get(ctx context.Context, who Person, id string, number int) (found *Question, version *Version, err error) {
	err = q.catalog.View(func(tx *catalog.Tx) error {
		record, err := find(tx, who, id)
		if err != nil {
			return err
		}
		if number == 0 {
			number = record.Version
		}
		kept, err := tx.SavedVersion(record.ID, number)
		if errors.Is(err, catalog.ErrNotFound) {
			return fmt.Errorf("%w: %s has no version %d", ErrNotFound, record.Name, number)
		}
		if err != nil {
			return err
		}
		found, version = fromRecord(record), fromVersion(kept)
		return nil
	})
	if err := errors.Join(err, ctx.Err()); err != nil {
		return nil, nil, err
	}
	return found, version, nil
}

// Versions returns the versions of a question that are kept, the newest first.
func (q *Questions) Versions(ctx context.Context, who Person, id string) (versions []*Version, err error) {
	err = q.catalog.View(func(tx *catalog.Tx) error {
		record, err := find(tx, who, id)
		if err != nil {
			return err
		}
		for v, err := range tx.SavedVersions(record.ID) {
			if err != nil {
				return err
			}
			versions = append(versions, fromVersion(v))
		}
		return nil
	})
	slices.Reverse(versions)
	return versions, errors.Join(err, ctx.Err())
}

// Save makes a new question of a draft.
func (q *Questions) Save(ctx context.Context, who Person, draft Draft) (*Question, error) {
	if err := draft.check(); err != nil {
		return nil, err
	}
	now := q.now()
	made := &catalog.SavedQuestion{ID: uuid.NewString(), Owner: who.User, Oldest: 1, CreatedAt: now}
	err := q.catalog.Update(ctx, func(tx *catalog.Tx) error { return putVersion(tx, who, *made, draft, now, &made) })
	if err != nil {
		return nil, err
	}
	return fromRecord(made), nil
}

// Change saves a draft as the next version of a question. base is the version from which the draft was made:
// ErrChanged, if there is a newer one. Everybody changes shared questions; only the owner decides whether a
// question is shared.
func (q *Questions) Change(ctx context.Context, who Person, id string, base int, draft Draft) (*Question, error) {
	if err := draft.check(); err != nil {
		return nil, err
	}
	var changed *catalog.SavedQuestion
	err := q.catalog.Update(ctx, func(tx *catalog.Tx) error {
		record, err := find(tx, who, id)
		switch {
		case err != nil:
			return err
		case record.Version != base:
			return fmt.Errorf("%w: %s saved version %d of %s", ErrChanged, record.ChangedBy, record.Version, record.Name)
		case record.IsShared != draft.IsShared && !who.owns(record):
			return fmt.Errorf("%w: only %s can change whether %s is shared", ErrNotYours, record.Owner, record.Name)
		}
		return putVersion(tx, who, *record, draft, q.now(), &changed)
	})
	if err != nil {
		return nil, err
	}
	return fromRecord(changed), nil
}

// Delete removes a question with its versions. Only its owner does, and the lake's.
func (q *Questions) Delete(ctx context.Context, who Person, id string) (deleted *Question, err error) {
	err = q.catalog.Update(ctx, func(tx *catalog.Tx) error {
		record, err := find(tx, who, id)
		switch {
		case err != nil:
			return err
		case !who.owns(record):
			return fmt.Errorf("%w: only %s can delete %s", ErrNotYours, record.Owner, record.Name)
		}
		deleted = fromRecord(record)
		return tx.DeleteSavedQuestion(record)
	})
	if err != nil {
		return nil, err
	}
	return deleted, nil
}

// find reads the record of a question that a person may see. One that they may not see is not there for them.
func find(tx *catalog.Tx, who Person, id string) (*catalog.SavedQuestion, error) {
	record, err := tx.SavedQuestion(id)
	if errors.Is(err, catalog.ErrNotFound) || err == nil && !who.sees(record) {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	return record, err
}

func (p Person) sees(r *catalog.SavedQuestion) bool { return r.IsShared || p.owns(r) }

func (p Person) owns(r *catalog.SavedQuestion) bool { return p.IsOwner || r.Owner == p.User }

func fromRecord(r *catalog.SavedQuestion) *Question {
	return &Question{
		ID: r.ID, Owner: r.Owner, IsShared: r.IsShared, Folder: r.Folder, Name: r.Name, Description: r.Description,
		Version: r.Version, Oldest: r.Oldest, CreatedAt: r.CreatedAt, ChangedAt: r.ChangedAt, ChangedBy: r.ChangedBy,
	}
}

func fromVersion(r *catalog.SavedVersion) *Version {
	v := &Version{Number: r.Number, Folder: r.Folder, Name: r.Name, Description: r.Description, Statement: r.Statement, At: r.At, By: r.By}
	for _, p := range r.Parameters {
		v.Parameters = append(v.Parameters, Parameter(p))
	}
	return v
}
