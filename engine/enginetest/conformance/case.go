// Package conformance compares what auditlake answers with what a Trino server
// answered. It reads the recorded cases and their tables; the tests of the
// engine run them. Nothing but tests imports it.
package conformance

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/auditlake/auditlake/internal/material"
)

// maxLineBytes bounds one case.
const maxLineBytes = 16 << 20

// Case is a statement and the server's answer or error.
type Case struct {
	ID    string `json:"id"`
	Kind  string `json:"kind"`
	Group string `json:"group"`
	SQL   string `json:"sql"`
	// Type and Value are the answer of a case of kind "expr": one row.
	Type  []string            `json:"type,omitempty"`
	Value [][]json.RawMessage `json:"value,omitempty"`
	// Columns and Rows are the answer of the other kinds.
	Columns []Column            `json:"columns,omitempty"`
	Rows    [][]json.RawMessage `json:"rows,omitzero"`
	Ordered bool                `json:"ordered"`          // the rows come in this order
	Approx  bool                `json:"approx,omitempty"` // doubles may differ by a relative 1e-9
	Error   *Failure            `json:"error,omitempty"`
}

// Column is a column of an answer; Type is as the client protocol shows it.
type Column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Failure is the server's error. Line and Column are 0 for errors that have no
// place.
type Failure struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Code    int    `json:"code"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Message string `json:"message"`
}

// answer is the recorded answer in one form for all kinds.
func (c *Case) answer() ([]Column, [][]json.RawMessage) {
	if c.Kind != "expr" {
		return c.Columns, c.Rows
	}
	columns := make([]Column, len(c.Type))
	for i, t := range c.Type {
		columns[i] = Column{Name: fmt.Sprintf("_col%d", i), Type: t}
	}
	return columns, c.Value
}

// ReadFolder reads the cases of all .jsonl and .jsonl.gz files of a folder, by file name.
func ReadFolder(dir string) ([]*Case, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("conformance: %w", err)
	}
	var cases []*Case
	for _, file := range files {
		if !strings.HasSuffix(strings.TrimSuffix(file.Name(), ".gz"), ".jsonl") {
			continue
		}
		list, err := ReadFile(filepath.Join(dir, file.Name()))
		if err != nil {
			return nil, err
		}
		cases = append(cases, list...)
	}
	return cases, nil
}

// ReadFile reads the cases of a file, one JSON object per line; one whose name ends with .gz is compressed.
func ReadFile(file string) ([]*Case, error) {
	f, err := material.Open(file)
	if err != nil {
		return nil, fmt.Errorf("conformance: %w", err)
	}
	defer f.Close()
	var cases []*Case
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, maxLineBytes)
	for n := 1; lines.Scan(); n++ {
		c := &Case{}
		if err := json.Unmarshal(lines.Bytes(), c); err != nil {
			return nil, fmt.Errorf("conformance: %s line %d: %w", file, n, err)
		}
		cases = append(cases, c)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("conformance: %s: %w", file, err)
	}
	return cases, nil
}
