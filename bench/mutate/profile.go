package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// profile has the blocks that some tests execute, by the file's import path.
type profile map[string][]block

// block is a run of statements, from a place to another one.
type block struct{ fromLine, fromColumn, toLine, toColumn int }

// readProfiles reads the profiles of the packages' tests that the folder has.
func (r *runner) readProfiles(folder string) error {
	r.reached = map[string]profile{}
	if folder == "" {
		return nil
	}
	for pkg := range r.packages {
		text, err := os.ReadFile(filepath.Join(folder, strings.ReplaceAll(pkg, "/", "_")+".out"))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			r.reached[pkg], err = parseProfile(string(text))
		}
		if err != nil {
			return fmt.Errorf("profile of %s: %w", pkg, err)
		}
	}
	return nil
}

func parseProfile(text string) (profile, error) {
	p := profile{}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "mode:") {
			continue
		}
		file, place, _ := strings.Cut(line, ":")
		var b block
		var statements, count int
		if _, err := fmt.Sscanf(place, "%d.%d,%d.%d %d %d", &b.fromLine, &b.fromColumn, &b.toLine, &b.toColumn, &statements, &count); err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
		if count > 0 {
			p[file] = append(p[file], b)
		}
	}
	return p, nil
}

// reach reports whether a package's tests may execute a place.
func (r *runner) reach(tests string, s site) bool {
	p, known := r.reached[tests]
	if !known {
		return true
	}
	for _, b := range p[path.Join(s.pkg, filepath.Base(s.file))] {
		if b.fromLine <= s.line && s.line <= b.toLine {
			return true
		}
	}
	return false
}
