package console

import "github.com/auditlake/auditlake/engine"

// The actions that reading and changing saved questions require; the API has none.
const (
	readSavedAction   = "auditlake:ReadSavedQuestions"
	changeSavedAction = "auditlake:ChangeSavedQuestions"
)

// savedView is a saved question in the page's JSON.
type savedView struct {
	ID          string `json:"id"`
	Folder      string `json:"folder"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Owner       string `json:"owner"`
	IsShared    bool   `json:"isShared"`
	IsMine      bool   `json:"isMine"` // the caller may delete and share it
	Version     int    `json:"version"`
	ChangedAt   string `json:"changedAt"`
	ChangedBy   string `json:"changedBy"`
}

// savedVersionView is a version of a saved question.
type savedVersionView struct {
	Number      int               `json:"number"`
	Folder      string            `json:"folder"`
	Name        string            `json:"name"`
	Description string            `json:"description"`
	Statement   string            `json:"statement"`
	Parameters  map[string]string `json:"parameters"`
	At          string            `json:"at"`
	By          string            `json:"by"`
}

// savedInput is a question that the page saves.
type savedInput struct {
	// Base is the version that was edited; 0 for a new question.
	Base        int               `json:"base"`
	Folder      string            `json:"folder"`
	Name        string            `json:"name"`
	Description string            `json:"description"`
	Statement   string            `json:"statement"`
	Parameters  map[string]string `json:"parameters"`
	IsShared    bool              `json:"isShared"`
}

func (d *Door) savedView(c *call, q *engine.SavedQuestion) savedView {
	who := person(c)
	return savedView{
		ID: q.ID, Folder: q.Folder, Name: q.Name, Description: q.Description, Owner: q.Owner, IsShared: q.IsShared,
		IsMine: who.IsOwner || q.Owner == who.User, Version: q.Version, ChangedAt: instant(q.ChangedAt), ChangedBy: q.ChangedBy,
	}
}

func versionView(v *engine.SavedVersion) savedVersionView {
	out := savedVersionView{
		Number: v.Number, Folder: v.Folder, Name: v.Name, Description: v.Description, Statement: v.Statement, Parameters: map[string]string{},
		At: instant(v.At), By: v.By,
	}
	for _, p := range v.Parameters {
		out.Parameters[p.Name] = p.Value
	}
	return out
}

// person converts the caller for the store of saved questions.
func person(c *call) engine.SavedPerson {
	return engine.SavedPerson{User: c.caller.User(), IsOwner: c.caller.Key().IsRoot}
}

// listSaved lists the shared questions and the caller's own, without their statements.
func (d *Door) listSaved(c *call) (any, error) {
	if err := d.allow(c, readSavedAction, "*", nil); err != nil {
		return nil, err
	}
	found, err := d.lake.SavedQuestions().List(c.r.Context(), person(c))
	if err != nil {
		return nil, err
	}
	out := []savedView{}
	for _, q := range found {
		out = append(out, d.savedView(c, q))
	}
	return out, nil
}

// showSaved returns a question with the version that the URL names, by default the newest.
func (d *Door) showSaved(c *call) (any, error) {
	if err := d.allow(c, readSavedAction, "*", nil); err != nil {
		return nil, err
	}
	number, err := c.number("version", 0, 1<<31-1, 0)
	if err != nil {
		return nil, err
	}
	question, version, err := d.lake.SavedQuestions().Get(c.r.Context(), person(c), c.r.PathValue("id"), int(number))
	if err != nil {
		return nil, err
	}
	return struct {
		Question savedView        `json:"question"`
		Version  savedVersionView `json:"version"`
	}{d.savedView(c, question), versionView(version)}, nil
}

// savedVersions lists the versions of a question, the newest first.
func (d *Door) savedVersions(c *call) (any, error) {
	if err := d.allow(c, readSavedAction, "*", nil); err != nil {
		return nil, err
	}
	versions, err := d.lake.SavedQuestions().Versions(c.r.Context(), person(c), c.r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	out := []savedVersionView{}
	for _, v := range versions {
		out = append(out, versionView(v))
	}
	return out, nil
}

// saveQuestion makes a new question.
func (d *Door) saveQuestion(c *call) (any, error) {
	return d.writeSaved(c, "SaveQuestion", func(draft engine.SavedDraft, _ int) (*engine.SavedQuestion, error) {
		return d.lake.SavedQuestions().Save(c.r.Context(), person(c), draft)
	})
}

// changeSaved saves the next version of a question.
func (d *Door) changeSaved(c *call) (any, error) {
	return d.writeSaved(c, "ChangeSavedQuestion", func(draft engine.SavedDraft, base int) (*engine.SavedQuestion, error) {
		return d.lake.SavedQuestions().Change(c.r.Context(), person(c), c.r.PathValue("id"), base, draft)
	})
}

// writeSaved reads the page's question, calls write, and records that in the activity.
func (d *Door) writeSaved(c *call, name string, write func(engine.SavedDraft, int) (*engine.SavedQuestion, error)) (any, error) {
	if err := d.allow(c, changeSavedAction, "*", nil); err != nil {
		return nil, err
	}
	var in savedInput
	if err := readJSON(c.w, c.r, &in); err != nil {
		return nil, err
	}
	draft := engine.SavedDraft{Folder: in.Folder, Name: in.Name, Description: in.Description, Statement: in.Statement, IsShared: in.IsShared}
	for name, value := range in.Parameters {
		draft.Parameters = append(draft.Parameters, engine.SavedParameter{Name: name, Value: value})
	}
	written, err := write(draft, in.Base)
	if err != nil {
		return nil, err
	}
	d.note(c, name, false, map[string]any{
		"questionId": written.ID, "folder": written.Folder, "name": written.Name, "version": written.Version, "isShared": written.IsShared,
	})
	return d.savedView(c, written), nil
}

func (d *Door) deleteSaved(c *call) (any, error) {
	if err := d.allow(c, changeSavedAction, "*", nil); err != nil {
		return nil, err
	}
	deleted, err := d.lake.SavedQuestions().Delete(c.r.Context(), person(c), c.r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	d.note(c, "DeleteSavedQuestion", false, map[string]any{"questionId": deleted.ID, "folder": deleted.Folder, "name": deleted.Name})
	return struct{}{}, nil
}
