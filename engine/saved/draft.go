package saved

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/auditlake/auditlake/storage/catalog"
)

// Limits of saved questions.
const (
	MaxQuestions        = 2000     // of a lake
	MaxQuestionsOfOwner = 500      // of one person
	MaxBytes            = 64 << 20 // of the texts of all versions in a lake
	MaxVersions         = 100      // of a question; the oldest goes when there is one more
	MaxStatementBytes   = 100_000
	maxNameBytes        = 200
	maxFolderBytes      = 400
	maxFolderDepth      = 8
	maxDescriptionBytes = 4000
	maxParameters       = 100
	maxParameterBytes   = 4000
)

// check refuses a text that is no question, or too long for one.
func (d *Draft) check() error {
	if err := checkLine("the name", d.Name, maxNameBytes); err != nil {
		return err
	}
	if d.Name == "" || strings.TrimSpace(d.Name) != d.Name {
		return fmt.Errorf("%w: the name must not be empty, nor begin or end with a space", ErrInvalid)
	}
	if err := d.checkFolder(); err != nil {
		return err
	}
	for _, text := range []struct {
		what, text string
		bytes      int
	}{{"the description", d.Description, maxDescriptionBytes}, {"the statement", d.Statement, MaxStatementBytes}} {
		if len(text.text) > text.bytes {
			return fmt.Errorf("%w: %s has %d bytes; the maximum is %d", ErrInvalid, text.what, len(text.text), text.bytes)
		}
		if !utf8.ValidString(text.text) {
			return fmt.Errorf("%w: %s is not UTF-8", ErrInvalid, text.what)
		}
	}
	if strings.TrimSpace(d.Statement) == "" {
		return fmt.Errorf("%w: the statement is empty", ErrInvalid)
	}
	if len(d.Parameters) > maxParameters {
		return fmt.Errorf("%w: it has %d parameters; the maximum is %d", ErrInvalid, len(d.Parameters), maxParameters)
	}
	for _, p := range d.Parameters {
		if err := checkLine("the name of a parameter", p.Name, maxNameBytes); err != nil {
			return err
		}
		if len(p.Value) > maxParameterBytes || !utf8.ValidString(p.Value) {
			return fmt.Errorf("%w: the value of a parameter must be UTF-8 of at most %d bytes", ErrInvalid, maxParameterBytes)
		}
	}
	return nil
}

// checkFolder refuses a text that is no path of folders.
func (d *Draft) checkFolder() error {
	if d.Folder == "" {
		return nil
	}
	if err := checkLine("the folder", d.Folder, maxFolderBytes); err != nil {
		return err
	}
	parts := strings.Split(d.Folder, "/")
	if len(parts) > maxFolderDepth {
		return fmt.Errorf("%w: folders are at most %d deep", ErrInvalid, maxFolderDepth)
	}
	for _, part := range parts {
		if part == "" || strings.TrimSpace(part) != part {
			return fmt.Errorf("%w: the folder %q must be names divided by single slashes, none of which begins or ends with a space", ErrInvalid, d.Folder)
		}
	}
	return nil
}

// checkLine refuses a text that is too long, or cannot be shown in a line.
func checkLine(what, text string, bytes int) error {
	switch {
	case len(text) > bytes:
		return fmt.Errorf("%w: %s has %d bytes; the maximum is %d", ErrInvalid, what, len(text), bytes)
	case !utf8.ValidString(text):
		return fmt.Errorf("%w: %s is not UTF-8", ErrInvalid, what)
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }):
		return fmt.Errorf("%w: %s has a control character", ErrInvalid, what)
	}
	return nil
}

// putVersion writes a draft as the next version of a question, and returns the updated question in written.
func putVersion(tx *catalog.Tx, who Person, question catalog.SavedQuestion, draft Draft, now time.Time, written **catalog.SavedQuestion) error {
	version := &catalog.SavedVersion{
		Number: question.Version + 1, Folder: draft.Folder, Name: draft.Name, Description: draft.Description, Statement: draft.Statement,
		At: now, By: who.User,
	}
	for _, p := range draft.Parameters {
		version.Parameters = append(version.Parameters, catalog.SavedParameter(p))
	}
	question.Version, question.Folder, question.Name, question.Description = version.Number, draft.Folder, draft.Name, draft.Description
	question.IsShared, question.ChangedAt, question.ChangedBy = draft.IsShared, now, who.User
	question.Bytes += versionBytes(version)
	if question.Version-question.Oldest >= MaxVersions {
		oldest, err := tx.SavedVersion(question.ID, question.Oldest)
		if err != nil {
			return err
		}
		if err := tx.DeleteSavedVersion(question.ID, oldest.Number); err != nil {
			return err
		}
		question.Bytes -= versionBytes(oldest)
		question.Oldest++
	}
	if err := checkBeside(tx, &question); err != nil {
		return err
	}
	if err := tx.PutSavedVersion(question.ID, version); err != nil {
		return err
	}
	*written = &question
	return tx.PutSavedQuestion(&question)
}

// versionBytes is how much a version counts.
func versionBytes(v *catalog.SavedVersion) (bytes int64) {
	for _, p := range v.Parameters {
		bytes += int64(len(p.Name) + len(p.Value))
	}
	return bytes + int64(len(v.Folder)+len(v.Name)+len(v.Description)+len(v.Statement))
}

// checkBeside refuses a question for which there is no room beside the others, and one whose folder and name are
// taken: by a shared question if it is shared, otherwise by another of its owner's.
func checkBeside(tx *catalog.Tx, question *catalog.SavedQuestion) error {
	all, err := tx.SavedQuestions()
	if err != nil {
		return err
	}
	count, ofOwner, bytes := 1, 1, question.Bytes
	for _, other := range all {
		if other.ID == question.ID {
			continue
		}
		isSameScope := other.IsShared == question.IsShared && (other.IsShared || other.Owner == question.Owner)
		if isSameScope && other.Folder == question.Folder && other.Name == question.Name {
			return fmt.Errorf("%w: %s", ErrExists, question.Name)
		}
		count++
		bytes += other.Bytes
		if other.Owner == question.Owner {
			ofOwner++
		}
	}
	switch {
	case count > MaxQuestions:
		return fmt.Errorf("%w: a lake has at most %d; delete some", ErrTooMany, MaxQuestions)
	case ofOwner > MaxQuestionsOfOwner:
		return fmt.Errorf("%w: a person has at most %d; delete some", ErrTooMany, MaxQuestionsOfOwner)
	case bytes > MaxBytes:
		return fmt.Errorf("%w: the versions of all questions have at most %d bytes; delete some", ErrTooMany, MaxBytes)
	}
	return nil
}
