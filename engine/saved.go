package engine

import "github.com/auditlake/auditlake/engine/saved"

// The types of saved questions; engine/saved has their rules.
type (
	// SavedQuestions are the questions that people saved in a lake.
	SavedQuestions = saved.Questions
	// SavedQuestion describes a saved question; changing it changes nothing in the lake.
	SavedQuestion = saved.Question
	// SavedVersion is one saved version of a question.
	SavedVersion = saved.Version
	// SavedParameter is the initial value of a statement's parameter.
	SavedParameter = saved.Parameter
	// SavedDraft is a question to save.
	SavedDraft = saved.Draft
	// SavedPerson is the person who asks for saved questions.
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

// SavedQuestions returns the questions that people saved in the lake.
func (l *Lake) SavedQuestions() *SavedQuestions { return l.saved }
