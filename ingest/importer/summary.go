package importer

import (
	"github.com/auditlake/auditlake/ingest"
	"github.com/auditlake/auditlake/ingest/logfile"
)

// Summary is what a run reports besides the counts of its record.
type Summary struct {
	// LeftOut counts the objects that are not log files by their kind, such as ".zip" or "digest".
	LeftOut map[string]int64
	// NotFollowed are the first links to folders, and sockets, among LeftOut.
	NotFollowed []LeftOutObject
	// EmptyFiles were read to their end and hold no record.
	EmptyFiles  int64
	ResultFiles ResultFiles
	// FailedFiles are the first files that could not be read completely.
	FailedFiles []FailedFile
	// OldRead is the number of events older than the store's retention among the AgedRead events that this run read
	// and judged by age.
	OldRead, AgedRead int64
}

// ResultFiles counts result files of the managed service by what was checked of them. Failed files are in none of
// the counts.
type ResultFiles struct {
	Unsigned    int64 // no sign file next to them: nothing was checked
	HashesOnly  int64 // with the hashes in a sign file whose signature was not checked
	BySignature int64 // with these hashes, and a sign file signed by one of the public keys
}

// count adds a file that was read, or that was checked although it is unchanged.
func (r *ResultFiles) count(f *setFile) {
	if f.Kind != logfile.LogFile || f.Broken || logfile.KindOf(f.Object.Key) != logfile.ResultFile {
		return
	}
	switch {
	case f.SignCheck == SignatureChecked:
		r.BySignature++
	case f.SignCheck == HashChecked:
		r.HashesOnly++
	case !f.Unchanged:
		r.Unsigned++
	}
}

// FailedFile is a file that could not be read completely, and why.
type FailedFile struct {
	File    string
	Reason  ingest.Reason
	Message string
}

// LeftOutObject is an object among files that is not a file.
type LeftOutObject struct {
	File string
	What string // "link to a folder" or "socket"
}

// Limits of what a summary names: failed files, and objects left out that are not files.
const (
	maxFailedFiles = 5
	maxNotFollowed = 5
)

// countFile adds the counts of a file.
func (s *Summary) countFile(f *setFile) {
	if f.Unchanged {
		return
	}
	s.OldRead += f.added.PastRetention
	s.AgedRead += f.added.PastRetention + f.added.Events + f.added.Repeated + f.added.Known
	for i := range f.failures {
		if failure := &f.failures[i]; failure.Record == ingest.WholeFile && len(s.FailedFiles) < maxFailedFiles {
			s.FailedFiles = append(s.FailedFiles, FailedFile{f.Object.Key, failure.Reason, failure.Message})
		}
	}
}

// endFile adds the kind of a file once all of it was counted.
func (s *Summary) endFile(f *setFile) {
	s.ResultFiles.count(f)
	switch {
	case f.Kind != logfile.LogFile && f.Kind != logfile.Aggregated && !f.Broken:
		if s.LeftOut == nil {
			s.LeftOut = map[string]int64{}
		}
		what := f.Object.LeftOut
		if what == "" {
			what = f.Kind.Describe(f.Object.Key)
		} else if len(s.NotFollowed) < maxNotFollowed {
			s.NotFollowed = append(s.NotFollowed, LeftOutObject{f.Object.Key, what})
		}
		s.LeftOut[what]++
	case f.Kind == logfile.LogFile && f.Records == 0 && !f.Broken && !f.Unchanged:
		s.EmptyFiles++
	}
}
