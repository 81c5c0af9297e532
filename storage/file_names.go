package storage

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/vfs"
)

// A lake's folder:
//
//	catalog/                                     Badger
//	hot/<sequence>.log                           pushed events that are in no segment yet
//	stores/<store id>/eventday=YYYY-MM-DD/<name>.orc        a segment
//	stores/<store id>/eventday=YYYY-MM-DD/.<name>.orc.tmp   a segment being written
//	stores/<store id>/orphaned/eventday=YYYY-MM-DD/<name>.orc   a segment set aside, with its note, <name>.orc.json
//	tables/<table id>.arrow                      a reference table
//	tables/orphaned/<table id>.arrow             a reference table set aside, with its note
//	channels/<channel id>/<number>.receipts      which events a channel took in the last day
//	results/<query id>.result                    a kept result; storage knows the folder, not its content
//	spill/<number>.spill                         rows spilled by a running query; storage knows the folder only
//
// A segment's name is 12 hex digits of its creation in milliseconds, "-" and 12 random hex digits. Other engines
// skip files whose name starts with a dot.
const (
	catalogFolder = "catalog"
	storesFolder  = "stores"
	hotFolder     = "hot"
	tablesFolder  = "tables"
	resultsFolder = "results"
	spillFolder   = "spill"
	// Package receipt defines the layout of channelsFolder.
	channelsFolder = "channels"
	dayPrefix      = "eventday="
	segmentSuffix  = ".orc"
	tempPrefix     = "."
	tempSuffix     = segmentSuffix + ".tmp"
	pathSeparator  = string(filepath.Separator)
)

func (l *Lake) storesPath() string { return filepath.Join(l.dir, storesFolder) }

// ResultsFolder returns the folder for results of queries, and its file system. Nothing there belongs to the lake's
// data: a lake without it is complete. It may not exist.
func (l *Lake) ResultsFolder() (files vfs.FS, path string) {
	return l.fs, filepath.Join(l.dir, resultsFolder)
}

// SpillFolder returns the folder to which queries spill rows, and its file system. Its content is useless once the
// process has ended.
func (l *Lake) SpillFolder() (files vfs.FS, path string) {
	return l.fs, filepath.Join(l.dir, spillFolder)
}

func (l *Lake) storePath(storeID string) string { return filepath.Join(l.storesPath(), storeID) }

// dayPath joins the parts without cleaning them, because their names are the lake's own and each scan asks for the
// paths of all its segments.
func (l *Lake) dayPath(storeID string, day catalog.Day) string {
	return l.storesPath() + pathSeparator + storeID + pathSeparator + dayPrefix + day.String()
}

// SegmentPath returns the path of a segment's file.
func (l *Lake) SegmentPath(s *catalog.Segment) string {
	return l.dayPath(s.StoreID, s.Day) + pathSeparator + s.Name + segmentSuffix
}

func (l *Lake) tempPath(s *catalog.Segment) string {
	return filepath.Join(l.dayPath(s.StoreID, s.Day), tempPrefix+s.Name+tempSuffix)
}

func segmentName(createdMillis int64, random uint64) string {
	return fmt.Sprintf("%012x-%012x", createdMillis, random&(1<<48-1))
}

// isSegmentFile reports whether a file is a segment, finished or not. Other files are not storage's and are left
// alone.
func isSegmentFile(file string) bool {
	name, temp := strings.CutSuffix(file, tempSuffix)
	ok := false
	if temp {
		name, ok = strings.CutPrefix(name, tempPrefix)
	} else {
		name, ok = strings.CutSuffix(file, segmentSuffix)
	}
	return ok && isSegmentName(name)
}

func isSegmentName(name string) bool {
	const digits = 12
	if len(name) != 2*digits+1 || name[digits] != '-' {
		return false
	}
	return strings.Trim(name[:digits]+name[digits+1:], "0123456789abcdef") == ""
}
