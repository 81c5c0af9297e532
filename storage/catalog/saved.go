package catalog

import (
	"errors"
	"fmt"
	"iter"
	"time"
)

const (
	savedPrefix        = "saved/"
	savedVersionPrefix = "savedversion/"
)

func savedKey(id string) string { return savedPrefix + id }

// Versions sort by their numbers.
func savedVersionKey(id string, number int) string {
	return fmt.Sprintf("%s%s/%010d", savedVersionPrefix, id, number)
}

// SavedQuestion is a statement that a user saved under a name; its versions have the texts. The chain does not hold
// its record.
type SavedQuestion struct {
	ID          string    `json:"ID"`    // lower-case UUID
	Owner       string    `json:"Owner"` // the user who saved it first
	IsShared    bool      `json:"IsShared"`
	Folder      string    `json:"Folder,omitempty"`
	Name        string    `json:"Name"`
	Description string    `json:"Description,omitempty"`
	Version     int       `json:"Version"` // the newest, from 1
	Oldest      int       `json:"Oldest"`  // the oldest that is kept
	Bytes       int64     `json:"Bytes"`   // of the texts of all versions
	CreatedAt   time.Time `json:"CreatedAt"`
	ChangedAt   time.Time `json:"ChangedAt"`
	ChangedBy   string    `json:"ChangedBy"`
}

// SavedVersion is one version of a saved question.
type SavedVersion struct {
	Number      int              `json:"Number"`
	Folder      string           `json:"Folder,omitempty"`
	Name        string           `json:"Name"`
	Description string           `json:"Description,omitempty"`
	Statement   string           `json:"Statement"`
	Parameters  []SavedParameter `json:"Parameters,omitempty"`
	At          time.Time        `json:"At"`
	By          string           `json:"By"`
}

// SavedParameter is the initial value of a parameter of a saved question.
type SavedParameter struct {
	Name  string `json:"Name"`
	Value string `json:"Value"`
}

// PutSavedQuestion writes a saved question, new or changed.
func (tx *Tx) PutSavedQuestion(q *SavedQuestion) error { return put(tx, savedKey(q.ID), q) }

// SavedQuestion reads a saved question.
func (tx *Tx) SavedQuestion(id string) (*SavedQuestion, error) {
	return get[SavedQuestion](tx, savedKey(id), "saved question", id)
}

// SavedQuestions lists all saved questions by id.
func (tx *Tx) SavedQuestions() ([]*SavedQuestion, error) {
	return collect(scan[SavedQuestion](tx, savedPrefix, ""))
}

// PutSavedVersion writes a version of a saved question.
func (tx *Tx) PutSavedVersion(id string, v *SavedVersion) error {
	return put(tx, savedVersionKey(id, v.Number), v)
}

// SavedVersion reads a version of a saved question.
func (tx *Tx) SavedVersion(id string, number int) (*SavedVersion, error) {
	return get[SavedVersion](tx, savedVersionKey(id, number), "version of saved question", id)
}

// SavedVersions iterates over the stored versions of a saved question, the oldest first.
func (tx *Tx) SavedVersions(id string) iter.Seq2[*SavedVersion, error] {
	return scan[SavedVersion](tx, savedVersionPrefix+id+"/", "")
}

// DeleteSavedVersion removes a version of a saved question.
func (tx *Tx) DeleteSavedVersion(id string, number int) error {
	return tx.delete(savedVersionKey(id, number))
}

// DeleteSavedQuestion removes a saved question with its versions.
func (tx *Tx) DeleteSavedQuestion(q *SavedQuestion) error {
	var failed error
	for number := q.Oldest; number <= q.Version; number++ {
		failed = errors.Join(failed, tx.DeleteSavedVersion(q.ID, number))
	}
	return errors.Join(failed, tx.delete(savedKey(q.ID)))
}
