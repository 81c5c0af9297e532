package importer

import (
	"io/fs"
	"path/filepath"
	"strings"
)

// anyFolders, as a part of a glob, matches any number of folders, including none.
const anyFolders = "**"

// glob returns the files and folders that an absolute pattern matches, by name, without the contents of matching
// folders.
func glob(pattern string) ([]string, error) {
	parts := strings.Split(filepath.ToSlash(pattern), "/")
	at := indexOf(parts, anyFolders)
	if at < 0 {
		return filepath.Glob(pattern)
	}
	for _, part := range parts[at:] {
		if _, err := filepath.Match(part, ""); err != nil {
			return nil, err
		}
	}
	base := strings.Join(parts[:at], "/")
	if base == "" || strings.HasSuffix(base, ":") {
		base += "/"
	}
	roots, err := filepath.Glob(filepath.FromSlash(base))
	if err != nil {
		return nil, err
	}
	var found []string
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				if path == root {
					return err
				}
				return nil // a folder that cannot be read matches by its name alone, as with filepath.Glob
			}
			below, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			var names []string
			if below != "." {
				names = strings.Split(filepath.ToSlash(below), "/")
			}
			if !matches(parts[at:], names) {
				return nil
			}
			found = append(found, path)
			if entry.IsDir() {
				return filepath.SkipDir
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

func indexOf(parts []string, part string) int {
	for i, p := range parts {
		if p == part {
			return i
		}
	}
	return -1
}

// matches reports whether names match the parts of a pattern, each a pattern of a name or anyFolders. Its time is
// bounded by the product of their numbers.
func matches(parts, names []string) bool {
	// reached[i]: the names so far match parts[:i].
	reached := make([]bool, len(parts)+1)
	reached[0] = true
	skipFolders(parts, reached)
	for _, name := range names {
		next := make([]bool, len(parts)+1)
		for i, part := range parts {
			if !reached[i] {
				continue
			}
			if part == anyFolders {
				next[i] = true
			} else if ok, _ := filepath.Match(part, name); ok { // the pattern was checked
				next[i+1] = true
			}
		}
		reached = next
		skipFolders(parts, reached)
	}
	return reached[len(parts)]
}

// skipFolders lets anyFolders match no folder.
func skipFolders(parts []string, reached []bool) {
	for i, part := range parts {
		if part == anyFolders && reached[i] {
			reached[i+1] = true
		}
	}
}
