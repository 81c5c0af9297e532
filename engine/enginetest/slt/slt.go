// Package slt reads behaviour tests written as text. A file is a list of
// records, divided by empty lines; "#" starts a comment line:
//
//	now 2026-01-31T00:00:00Z           sets the lake's clock
//	store NAME [retention DAYS] [eventjson FORM]   creates an event data store
//	retention NAME DAYS                updates it
//	import PATH STORE [counts]         imports a path of testdata; counts is what
//	                                   must come out: "events=3 failures=1 …"
//	restart                            closes the lake and opens it again
//
//	statement ok                       SQL on the following lines must succeed
//	statement error NAME [LINE:COLUMN] … must fail so
//
//	query [rowsort]                    SQL, then ----, then the expected rows, a row
//	SELECT …                           a line, columns divided by " | ", NULL as
//	----                               NULL. "rowsort" sorts both sides.
//	…
//
//	bytes <= N                         of the last query; also >= and ==
//	repeat                             runs the last query again: same rows, same bytes
package slt

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// Kind is what a record asks for.
type Kind string

// The record kinds, as written.
const (
	Now       Kind = "now"
	Store     Kind = "store"
	Retention Kind = "retention"
	Import    Kind = "import"
	Restart   Kind = "restart"
	Statement Kind = "statement"
	Query     Kind = "query"
	Bytes     Kind = "bytes"
	Repeat    Kind = "repeat"
)

// Record is one step of a file.
type Record struct {
	Kind Kind
	Args []string // words after the kind
	SQL  string   // Statement and Query
	Want []string // Query: expected rows
	Line int      // 1-based line of the record's first line
	// wantFrom and wantTo are the 0-based lines of Want, for Complete.
	wantFrom, wantTo int
}

// File is a parsed test file.
type File struct {
	Path    string
	Records []Record
	lines   []string
}

// Read parses a file.
func Read(path string) (*File, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f := &File{Path: path}
	scanner := bufio.NewScanner(strings.NewReader(string(text)))
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		f.lines = append(f.lines, scanner.Text())
	}
	for i := 0; i < len(f.lines); {
		if line := f.lines[i]; line == "" || strings.HasPrefix(line, "#") {
			i++
			continue
		}
		r, next, err := f.record(i)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, i+1, err)
		}
		f.Records = append(f.Records, r)
		i = next
	}
	return f, nil
}

func (f *File) record(at int) (Record, int, error) {
	words := strings.Fields(f.lines[at])
	r := Record{Kind: Kind(words[0]), Args: words[1:], Line: at + 1}
	at++
	switch r.Kind {
	case Now, Store, Retention, Import, Restart, Bytes, Repeat:
		return r, at, nil
	case Statement, Query:
		if !r.optionsKnown() {
			return r, at, fmt.Errorf("unknown option in %q", f.lines[at-1])
		}
	default:
		return r, at, fmt.Errorf("unknown record %q", words[0])
	}
	var sql []string
	for ; at < len(f.lines) && f.lines[at] != "" && f.lines[at] != "----"; at++ {
		sql = append(sql, f.lines[at])
	}
	r.SQL = strings.Join(sql, "\n")
	if r.SQL == "" {
		return r, at, fmt.Errorf("%s without SQL", r.Kind)
	}
	if r.Kind == Statement {
		return r, at, nil
	}
	if at == len(f.lines) || f.lines[at] != "----" {
		return r, at, fmt.Errorf("query without ----")
	}
	at++
	r.wantFrom = at
	for ; at < len(f.lines) && f.lines[at] != ""; at++ {
		r.Want = append(r.Want, f.lines[at])
	}
	r.wantTo = at
	return r, at, nil
}

// optionsKnown reports whether the words after "query" or "statement" have a meaning.
func (r *Record) optionsKnown() bool {
	if r.Kind == Query {
		return len(r.Args) == 0 || len(r.Args) == 1 && r.Args[0] == "rowsort"
	}
	if len(r.Args) == 1 {
		return r.Args[0] == "ok"
	}
	return (len(r.Args) == 2 || len(r.Args) == 3) && r.Args[0] == "error"
}

// Complete writes the file again with the rows that got returned; got maps a
// record's Line to them.
func (f *File) Complete(got map[int][]string) error {
	var out []string
	from := 0
	for _, r := range f.Records {
		rows, ok := got[r.Line]
		if r.Kind != Query || !ok {
			continue
		}
		out = append(out, f.lines[from:r.wantFrom]...)
		out = append(out, rows...)
		from = r.wantTo
	}
	out = append(out, f.lines[from:]...)
	return os.WriteFile(f.Path, []byte(strings.Join(out, "\n")+"\n"), 0o644)
}
