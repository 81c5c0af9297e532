package vfs

import (
	"io/fs"
	"slices"
	"strings"
)

// EntryKey returns the prefix of the keys of a folder's entry: its name, and a slash if it is a folder.
func EntryKey(e fs.DirEntry) string {
	if e.IsDir() {
		return e.Name() + "/"
	}
	return e.Name()
}

// SortByKey sorts the entries of a folder by the keys of their content.
func SortByKey(entries []fs.DirEntry) {
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(EntryKey(a), EntryKey(b)) })
}
