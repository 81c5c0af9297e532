package engine

import "github.com/auditlake/auditlake/engine/saved"

// What saved questions are; engine/saved has their rules.
type (
	// SavedQuestions are the questions that people saved in a lake.
	SavedQuestions = saved.Questions
	// SavedQuestion describes a saved question; changing it changes nothing in the lake.
	SavedQuestion = saved.Question
	// SavedVersion is a saved question as it was saved once.
	SavedVersion = saved.Version
	// SavedParameter is the value that a parameter of a statement begins with.
	SavedParameter = saved.Parameter
	// SavedDraft is what somebody wants to save.
	SavedDraft = saved.Draft
	// SavedPerson is who asks for saved questions.
	SavedPerson = saved.Person
)

// Errors of saved questions. They are wrapped with what is wrong.
var (
	ErrSavedNotFound = saved.ErrNotFound
	ErrSavedExists   = saved.ErrExists
	ErrSavedInvalid  = saved.ErrInvalid
	ErrTooManySaved  = saved.ErrTooMany
	ErrSavedChanged  = saved.ErrChanged
	ErrSavedNotYours = saved.ErrNotYours
)

// SavedQuestions are the questions that people saved in the lake.
func (l *Lake) SavedQuestions() *SavedQuestions { return l.saved }
