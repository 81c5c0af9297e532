package conformance

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Corpus is what a run over recorded answers needs.
type Corpus struct {
	Cases []*Case
	// Source holds the tables of the cases; a statement over a table that no
	// folder has ends with TABLE_NOT_FOUND.
	Source *Source
	// Priorities is nil where no folder has the list of functions.
	Priorities Priorities
}

// OpenCorpus reads the cases of a folder. Tables (fixtures.json) and priorities (FUNCTIONS.md) that dir lacks come
// from home, which is "" where the machine has no recorded answers of its own. A folder without cases is an error.
func OpenCorpus(dir, home string) (*Corpus, error) {
	c := &Corpus{Source: &Source{Tables: map[string]*Table{}, GroupRows: fixtureGroupRows}}
	var err error
	if c.Cases, err = ReadFolder(dir); err != nil {
		return nil, err
	}
	if len(c.Cases) == 0 {
		return nil, fmt.Errorf("conformance: no cases in %s: want .jsonl files", dir)
	}
	from, err := holderOf("fixtures.json", dir, home)
	if err != nil {
		return nil, err
	}
	if from != "" {
		if c.Source, err = Fixtures(from); err != nil {
			return nil, err
		}
	}
	if from, err = holderOf("FUNCTIONS.md", dir, home); err != nil || from == "" {
		return c, err
	}
	c.Priorities, err = ReadPriorities(from)
	return c, err
}

// holderOf returns the first of the folders that has a file, "" if none has.
func holderOf(file string, folders ...string) (string, error) {
	for _, folder := range folders {
		if folder == "" {
			continue
		}
		_, err := os.Stat(filepath.Join(folder, file))
		if err == nil {
			return folder, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("conformance: %w", err)
		}
	}
	return "", nil
}
