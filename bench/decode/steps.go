package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"

	"github.com/auditlake/auditlake/ingest/logfile"
	"github.com/auditlake/auditlake/ingest/record"
	"github.com/auditlake/auditlake/storage/schema"
)

// step is the work up to a point.
type step struct {
	name string
	run  func(files []string) (totals, error)
}

// steps are in the order of an import; each does all that the one before does,
// and more.
var steps = []step{
	{"reading files", func(files []string) (totals, error) { return readOnly(files) }},
	{"gunzip", func(files []string) (totals, error) { return unpack(files, nil) }},
	{"SHA-256", func(files []string) (totals, error) { return unpack(files, sha256.New()) }},
	{"records cut out", func(files []string) (totals, error) { return decode(files, false, false) }},
	{"scanned", func(files []string) (totals, error) { return decode(files, true, false) }},
	{"Arrow columns", func(files []string) (totals, error) { return decode(files, true, true) }},
}

func readOnly(files []string) (totals, error) {
	buf := make([]byte, 128<<10)
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return totals{}, err
		}
		_, err = io.CopyBuffer(io.Discard, onlyReader{f}, buf)
		f.Close()
		if err != nil {
			return totals{}, err
		}
	}
	return totals{}, nil
}

// onlyReader hides what else a file can do.
type onlyReader struct{ io.Reader }

// unpack unpacks files with the library alone.
func unpack(files []string, digest hash.Hash) (totals, error) {
	var seen totals
	var unpacker gzip.Reader
	buf := make([]byte, 256<<10)
	for _, name := range files {
		stored, err := os.ReadFile(name)
		if err != nil {
			return seen, err
		}
		if err := unpacker.Reset(bytes.NewReader(stored)); err != nil {
			return seen, err
		}
		for err == nil {
			var n int
			n, err = unpacker.Read(buf)
			seen.jsonBytes += int64(n)
			if digest != nil {
				digest.Write(buf[:n])
			}
		}
		if err != io.EOF {
			return seen, err
		}
	}
	return seen, nil
}

// batchBytes is what an import collects before it hands rows over.
const batchBytes = 1 << 24

// decode does what an import does with a file, as far as asked.
func decode(files []string, scan, appends bool) (totals, error) {
	var seen totals
	table, _ := schema.ForCategory("Management")
	reader, appender := logfile.NewReader(logfile.DefaultLimits()), record.NewAppender(table)
	if scan {
		reader.ScanAhead = appender.ScanAhead
	}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return seen, err
		}
		reader.Open(f)
		for {
			r, err := reader.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				return seen, fmt.Errorf("%s: %w", name, err)
			}
			seen.events++
			if scan {
				if _, failure := appender.Scan(r.Raw); failure != nil {
					return seen, fmt.Errorf("%s: %w", name, failure)
				}
			}
			if appends {
				appender.Append()
			}
			if appender.Bytes() > batchBytes {
				appender.Flush()
			}
		}
		_, n := reader.Digest()
		seen.jsonBytes += n
		f.Close()
	}
	return seen, nil
}
