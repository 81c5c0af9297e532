package vfs

import (
	"io/fs"
	"slices"
	"strings"
)

// EntryKey is what the keys of an entry of a folder begin with: its name, and a slash if it is a folder.
func EntryKey(e fs.DirEntry) string {
	if e.IsDir() {
		return e.Name() + "/"
	}
	return e.Name()
}

// SortByKey sorts the entries of a folder in the order of the keys of what they hold.
func SortByKey(entries []fs.DirEntry) {
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(EntryKey(a), EntryKey(b)) })
}
