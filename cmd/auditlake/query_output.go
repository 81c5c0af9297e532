package main

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/cmd/auditlake/attach"
	"github.com/auditlake/auditlake/engine/answer"
)

// formatsByEnding has the format of the file of -o, by the file's ending. Each ending may be followed by .gz,
// except for binaryFormats.
var formatsByEnding = map[string]string{
	".txt": "table", ".csv": "csv", ".md": "markdown", ".json": "json", ".ndjson": "ndjson", ".jsonl": "ndjson",
	".arrow": "arrow-file", ".arrows": "arrow", ".parquet": "parquet",
}

// binaryFormats hold one answer a file and compress it themselves.
var binaryFormats = []string{"arrow", "arrow-file", "parquet"}

const gzipEnding = ".gz"

// outputHelp explains -o.
const outputHelp = "write the rows to a file. Without --format, the file name extension sets the format:\n" +
	".txt, .csv, .md, .json, .ndjson, .jsonl, .parquet, .arrow (IPC file) or .arrows (IPC stream). Text formats with .gz are compressed"

// formatOf is the format for an output file's name; given is the value of --format, "" if there is none.
func formatOf(output, given, otherwise string) (format string, err error) {
	name := strings.ToLower(output)
	plain, isCompressed := strings.CutSuffix(name, gzipEnding)
	ending := filepath.Ext(plain)
	switch format = formatsByEnding[ending]; {
	case given != "":
		format = given
	case format == "" && (ending != "" || isCompressed):
		known := slices.Sorted(maps.Keys(formatsByEnding))
		return "", usageError{fmt.Errorf("-o %s: unknown file name extension %s; use one of %s, or pass --format",
			output, filepath.Ext(name), strings.Join(known, ", "))}
	case format == "":
		format = otherwise
	}
	if isCompressed && slices.Contains(binaryFormats, format) {
		return "", usageError{fmt.Errorf("-o %s: %s files are already compressed; remove .gz", output, format)}
	}
	return format, nil
}

// outputFile is the file of -o, or standard output, for the answers of one or more statements. The file is made at
// the first byte.
type outputFile struct {
	program *program
	name    string // "": standard output
	file    attach.File
	zipped  *gzip.Writer // nil: written as it is
	between string       // what comes before the next byte, from the second answer on
	written bool
}

// next begins another answer: an empty line separates those that people read.
func (o *outputFile) next(format string) {
	switch format {
	case "table", "auto", "vertical", "markdown", "csv":
		if o.written {
			o.between = "\n"
		}
	}
}

// Write implements io.Writer.
func (o *outputFile) Write(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	o.written = true
	if between := o.between; between != "" {
		o.between = ""
		if _, err := io.WriteString(o, between); err != nil {
			return 0, err
		}
	}
	switch {
	case o.name == "":
		return o.program.out.Write(b)
	case o.file == nil:
		if err := o.open(); err != nil {
			return 0, err
		}
	}
	if o.zipped != nil {
		return o.zipped.Write(b)
	}
	return o.file.Write(b)
}

func (o *outputFile) open() error {
	file, err := o.program.createFile(o.name)
	if err != nil {
		return err // file may hold a nil *os.File, which end must not touch
	}
	o.file = file
	if strings.HasSuffix(strings.ToLower(o.name), gzipEnding) {
		o.zipped = gzip.NewWriter(o.file)
	}
	return nil
}

// end closes the file. After an error, err, it removes the file, as the answer is incomplete.
func (o *outputFile) end(err error) error {
	if o.name == "" || o.file == nil && err != nil {
		return err
	}
	if o.file == nil { // an answer without a byte is a file, too
		if err := o.open(); err != nil {
			return err
		}
	}
	if o.zipped != nil && err == nil {
		err = o.zipped.Close()
	}
	if err = errors.Join(err, o.file.Close()); err != nil {
		err = errors.Join(err, o.file.Remove())
	}
	return err
}

// writeAnswer writes rows to a file, or to standard output if output is empty.
func (p *program) writeAnswer(format, output string, layout answer.Layout, rows answer.Source) (count int64, err error) {
	out := &outputFile{program: p, name: output}
	count, err = layout.Write(format, out, rows)
	return count, out.end(err)
}
