// Asktrino asks a Trino server statements and writes its answers as cases of
// package conformance, one JSON object per line, to the standard output.
//
//	go run ./bench/asktrino -server http://localhost:8080 FILE... > cases.jsonl
//
// A file holds a statement per line; a line "-- name" begins a group, and empty
// lines count for nothing. A statement is asked twice: what is answered in two
// ways is left out and named on the standard error.
package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/parse"
)

type statement struct{ group, sql string }

func main() {
	log.SetFlags(0)
	server := flag.String("server", "http://localhost:8080", "the Trino server")
	kind := flag.String("kind", "query", "the kind of the cases: query or error")
	parallel := flag.Int("parallel", 4, "statements asked at a time")
	flag.Parse()
	var statements []statement
	for _, file := range flag.Args() {
		list, err := read(file)
		if err != nil {
			log.Fatal(err)
		}
		statements = append(statements, list...)
	}
	cases := make([]*conformance.Case, len(statements))
	var asking sync.WaitGroup
	turns := make(chan struct{}, *parallel)
	for i, s := range statements {
		turns <- struct{}{}
		asking.Go(func() {
			defer func() { <-turns }()
			c, err := record(*server, s)
			if err != nil {
				log.Printf("left out: %v: %s", err, s.sql)
				return
			}
			c.Kind = *kind
			c.ID = fmt.Sprintf("%s-%s-%x", c.Kind, c.Group, sha256.Sum256([]byte(c.SQL)))[:len(c.Kind)+len(c.Group)+12]
			cases[i] = c
		})
	}
	asking.Wait()
	if err := write(os.Stdout, cases); err != nil {
		log.Fatal(err)
	}
}

func write(to io.Writer, cases []*conformance.Case) error {
	out := bufio.NewWriter(to)
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	for _, c := range cases {
		if c == nil {
			continue
		}
		if err := lines.Encode(c); err != nil {
			return err
		}
	}
	return out.Flush()
}

func read(file string) ([]statement, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var list []statement
	group := "statement"
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		name, isName := strings.CutPrefix(line, "-- ")
		switch {
		case isName:
			group = name
		case strings.TrimSpace(line) != "":
			list = append(list, statement{group, line})
		}
	}
	return list, nil
}

func record(server string, s statement) (*conformance.Case, error) {
	c, err := ask(server, s)
	if err != nil {
		return nil, err
	}
	again, err := ask(server, s)
	if err != nil {
		return nil, err
	}
	if a, b := rows(c), rows(again); a != b {
		return nil, fmt.Errorf("two answers: %s and %s", a, b)
	}
	return c, nil
}

// rows returns the rows of an answer as text, to compare two answers to one statement. Their order counts only
// where the statement asks for it.
func rows(c *conformance.Case) string {
	lines := make([]string, len(c.Rows))
	for i, row := range c.Rows {
		text, _ := json.Marshal(row)
		lines[i] = string(text)
	}
	if !c.Ordered {
		slices.Sort(lines)
	}
	return strings.Join(lines, "\n")
}

// page is what the client protocol answers.
type page struct {
	NextURI string
	Columns []conformance.Column
	Data    [][]json.RawMessage
	Error   *struct {
		ErrorName, ErrorType, Message string
		ErrorCode                     int
		ErrorLocation                 struct{ LineNumber, ColumnNumber int }
	}
}

func ask(server string, s statement) (*conformance.Case, error) {
	c := &conformance.Case{Group: s.group, SQL: s.sql, Rows: [][]json.RawMessage{}, Ordered: ordered(s.sql)}
	for at, body := server+"/v1/statement", []byte(s.sql); at != ""; body = nil {
		p, err := turn(at, body)
		if err != nil {
			return nil, err
		}
		if p.Columns != nil {
			c.Columns = p.Columns
		}
		c.Rows = append(c.Rows, p.Data...)
		if e := p.Error; e != nil {
			c.Columns, c.Rows, c.Ordered = nil, nil, false
			c.Error = &conformance.Failure{Name: e.ErrorName, Type: e.ErrorType, Code: e.ErrorCode,
				Line: e.ErrorLocation.LineNumber, Column: e.ErrorLocation.ColumnNumber, Message: e.Message}
		}
		at = p.NextURI
	}
	return c, nil
}

// turn begins a statement, if there is a body, or asks for the next page.
func turn(url string, body []byte) (*page, error) {
	method := http.MethodGet
	if body != nil {
		method = http.MethodPost
	}
	request, err := http.NewRequest(method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for name, value := range map[string]string{"User": "corpus", "Catalog": "memory", "Schema": "default", "Time-Zone": "UTC",
		"Client-Capabilities": "PARAMETRIC_DATETIME"} {
		request.Header.Set("X-Trino-"+name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s", response.Status)
	}
	p := &page{}
	return p, json.NewDecoder(response.Body).Decode(p)
}

// ordered reports whether the rows of a statement come in an order.
func ordered(sql string) bool {
	parsed, err := parse.Statement(sql)
	if err != nil {
		return false
	}
	q, ok := parsed.(*ast.Query)
	return ok && len(q.OrderBy) > 0
}
