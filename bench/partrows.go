package main

import (
	"cmp"
	"fmt"
	"io/fs"
	"log"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/bench/parts"
)

const (
	// fewSegments are enough to measure how fast they are decoded.
	fewSegments = 4
	zlibRows    = 200_000
	parsedTimes = 200
)

// partRows adds a row to the table for each part that is measured beside a library.
func (b *bench) partRows(t *table, all []question) error {
	list, err := b.parts(all)
	if err != nil {
		return err
	}
	for _, p := range list {
		if !b.only.MatchString(p.Title) {
			continue
		}
		m, err := p.Measure(b.runs)
		if err != nil {
			return err
		}
		t.printPart(p, m)
	}
	return nil
}

func (b *bench) parts(all []question) ([]parts.Part, error) {
	segments, err := b.someSegments()
	if err != nil {
		return nil, err
	}
	zlib, err := parts.ZlibFile(zlibRows)
	if err != nil {
		return nil, err
	}
	var statements []string
	for _, q := range all {
		statements = append(statements, q.Trino)
	}
	list := []parts.Part{zlib, parts.Statements(statements, parsedTimes)}
	if err := exec.Command(b.duck.python, "-c", "import pyarrow").Run(); err != nil {
		log.Print("pyarrow is not there: its row is left out")
		return list, nil
	}
	return append([]parts.Part{parts.Segments(b.duck.python, segments)}, list...), nil
}

// someSegments lists the largest of the lake's segments.
func (b *bench) someSegments() ([]string, error) {
	sizes := map[string]int64{}
	err := filepath.WalkDir(b.lake, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".orc" {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			sizes[path] = info.Size()
		}
		return err
	})
	paths := slices.SortedFunc(maps.Keys(sizes), func(a, b string) int {
		return cmp.Or(cmp.Compare(sizes[b], sizes[a]), cmp.Compare(a, b))
	})
	return paths[:min(len(paths), fewSegments)], err
}

// printPart prints our time where the library's stands, and the peer's beside its name.
func (t *table) printPart(p parts.Part, m parts.Measured) {
	values := []string{p.Title, "–", fmt.Sprintf("%.1f", m.Ours.Seconds()*1000)}
	const figures = 8 // columns between the contenders and the remarks on answers; parts have none of them
	for len(values) < 1+len(t.names)+figures-1 {
		values = append(values, "–")
	}
	values = append(values, fmt.Sprintf("%s %.1f ms, ours ÷ it %.2f", p.Peer, m.Theirs.Seconds()*1000, m.Ours.Seconds()/m.Theirs.Seconds()))
	if t.cold {
		values = append(values, "–", "–")
	}
	fmt.Printf("| %s |\n", strings.Join(values, " | "))
}
