package importer

import (
	"github.com/auditlake/auditlake/ingest"
	"github.com/auditlake/auditlake/ingest/logfile"
)

// Summary is what a run says of itself besides the counts of its record.
type Summary struct {
	// LeftOut counts the objects that are no log files by what they are, such as ".zip" or "digest".
	LeftOut map[string]int64
	// EmptyFiles were read to their end and hold no record.
	EmptyFiles int64
	// FailedFiles are the first files that could not be read whole.
	FailedFiles []FailedFile
	// OldRead of the AgedRead events that this run read, and whose age decided, were older than the store keeps.
	OldRead, AgedRead int64
}

// FailedFile is a file that could not be read whole, and why.
type FailedFile struct {
	File    string
	Reason  ingest.Reason
	Message string
}

// maxFailedFiles is how many failed files a summary names.
const maxFailedFiles = 5

// countFile adds what a file adds.
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

// endFile adds what a file is, when all of it was counted.
func (s *Summary) endFile(f *setFile) {
	switch {
	case f.Kind != logfile.LogFile && f.Kind != logfile.Aggregated:
		if s.LeftOut == nil {
			s.LeftOut = map[string]int64{}
		}
		s.LeftOut[f.Kind.Describe(f.Object.Key)]++
	case f.Kind == logfile.LogFile && f.Records == 0 && !f.Broken && !f.Unchanged:
		s.EmptyFiles++
	}
}
