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
//	stores/<store id>/orphaned/eventday=YYYY-MM-DD/<name>.orc   a segment that was set aside, with its note, <name>.orc.json
//	tables/<table id>.arrow                      a reference table
//	tables/orphaned/<table id>.arrow             a reference table that was set aside, with its note
//	channels/<channel id>/<number>.receipts      which events a channel took in the last day
//	results/<query id>.result                    a kept result; storage knows the folder, not what is in it
//	spill/<number>.spill                         rows that a running query has no memory for; storage knows the folder only
//
// A segment's name is 12 hex digits of its creation in milliseconds, "-" and 12 random hex digits.
// Other engines skip files whose name starts with a dot.
const (
	catalogFolder = "catalog"
	storesFolder  = "stores"
	hotFolder     = "hot"
	tablesFolder  = "tables"
	resultsFolder = "results"
	spillFolder   = "spill"
	// channelsFolder is laid out by package receipt.
	channelsFolder = "channels"
	dayPrefix      = "eventday="
	segmentSuffix  = ".orc"
	tempPrefix     = "."
	tempSuffix     = segmentSuffix + ".tmp"
	pathSeparator  = string(filepath.Separator)
)

func (l *Lake) storesPath() string { return filepath.Join(l.dir, storesFolder) }

// ResultsFolder is where the results of queries are kept, and the file system for it.
// Nothing there belongs to the lake's data: a lake without it is whole. It may not
// exist.
func (l *Lake) ResultsFolder() (files vfs.FS, path string) {
	return l.fs, filepath.Join(l.dir, resultsFolder)
}

// SpillFolder is where queries write rows that they have no memory for, and the file
// system for it. Nothing there is of use once the process has ended.
func (l *Lake) SpillFolder() (files vfs.FS, path string) {
	return l.fs, filepath.Join(l.dir, spillFolder)
}

func (l *Lake) storePath(storeID string) string { return filepath.Join(l.storesPath(), storeID) }

// dayPath is put together without a look at the parts behind the folder of stores, whose names are the lake's own:
// each scan asks for all its segments' paths.
func (l *Lake) dayPath(storeID string, day catalog.Day) string {
	return l.storesPath() + pathSeparator + storeID + pathSeparator + dayPrefix + day.String()
}

// SegmentPath is where the file of a segment lies.
func (l *Lake) SegmentPath(s *catalog.Segment) string {
	return l.dayPath(s.StoreID, s.Day) + pathSeparator + s.Name + segmentSuffix
}

func (l *Lake) tempPath(s *catalog.Segment) string {
	return filepath.Join(l.dayPath(s.StoreID, s.Day), tempPrefix+s.Name+tempSuffix)
}

func segmentName(createdMillis int64, random uint64) string {
	return fmt.Sprintf("%012x-%012x", createdMillis, random&(1<<48-1))
}

// isSegmentFile tells the files of segments, finished or not, from all others, which are not
// storage's and are left alone.
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
