package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/auditlake/auditlake/bench/process"
)

// curveSizes are the numbers of events whose lakes are compared.
type curveSizes []int

var _ flag.Value = (*curveSizes)(nil)

func (c *curveSizes) String() string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint([]int(*c)), " ", ","), "[]")
}

// Set reads sizes with commas between them.
func (c *curveSizes) Set(text string) error {
	*c = nil
	for _, size := range strings.Split(text, ",") {
		events, err := strconv.Atoi(size)
		if err != nil || events <= 0 {
			return fmt.Errorf("%q is no number of events", size)
		}
		*c = append(*c, events)
	}
	slices.Sort(*c)
	*c = slices.Compact(*c)
	return nil
}

// growth asks lakes of each size, of auditlake alone, the questions that show how time grows, and prints one table.
func (b *bench) growth() error {
	if b.runs == 0 {
		return errors.New("-curve needs -runs of one or more")
	}
	var curves []curve
	for _, events := range b.curve {
		lake := b
		if b.measuresImports || len(b.curve) > 1 {
			lake = &bench{events: events, end: b.end, dir: filepath.Join(b.dir, fmt.Sprintf("curve-%d", events)), program: b.program}
			if err := lake.makeLake(); err != nil {
				return err
			}
		}
		lake.only, lake.runs = b.only, b.runs
		c, err := lake.grown()
		if err != nil {
			return fmt.Errorf("%d events: %w", events, err)
		}
		curves = append(curves, c)
	}
	printCurves(curves)
	return nil
}

// makeLake makes a lake in a folder of its own, unless it is there. The folder has its name only when the lake is
// whole, and keeps no log files.
func (b *bench) makeLake() error {
	whole := b.dir
	b.lake = filepath.Join(whole, "lake")
	if _, err := os.Lstat(whole); err == nil {
		return b.readNote()
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	made := *b
	made.dir = whole + ".part"
	if err := os.RemoveAll(made.dir); err != nil {
		return err
	}
	if _, err := made.makeLogs(); err != nil {
		return err
	}
	if err := (shooter{program: b.program, lake: filepath.Join(made.dir, "lake")}).importLogs(made.logs()); err != nil {
		return err
	}
	return errorsOf(os.RemoveAll(made.logs()), os.Rename(made.dir, whole))
}

// curve is what the growing questions take in one lake.
type curve struct {
	events      int
	storedBytes int64
	of          []measured // one for each of titles
	titles      []string
}

// grown asks the lake.
func (b *bench) grown() (curve, error) {
	c := curve{events: b.events}
	s, err := startService(b.program, b.lake)
	if err != nil {
		return c, err
	}
	defer s.stop()
	known := constants{end: b.end}
	if err := known.find(s); err != nil {
		return c, err
	}
	if c.storedBytes, err = process.FolderBytes(filepath.Join(b.lake, "stores")); err != nil {
		return c, err
	}
	for _, q := range growing {
		if b.only.MatchString(q.Title) {
			c.titles, c.of = append(c.titles, q.Title), append(c.of, b.warm(s, known.filled(q.Trino, "main")))
		}
	}
	return c, nil
}

// printCurves prints a column for each lake, and how many times as long the largest takes as the smallest.
func printCurves(curves []curve) {
	fmt.Print("Of each size: ms, CPU ms, share of stored bytes scanned, peak MiB of `serve`.\n\n| question |")
	for _, c := range curves {
		fmt.Printf(" %d events |", c.events)
	}
	fmt.Printf(" largest ÷ smallest |\n|---|%s---|\n| stored, MB |", strings.Repeat("---|", len(curves)))
	for _, c := range curves {
		fmt.Printf(" %.0f |", float64(c.storedBytes)/1e6)
	}
	first, last := curves[0], curves[len(curves)-1]
	fmt.Print(" |\n")
	for i, title := range first.titles {
		fmt.Printf("| %s |", title)
		for _, c := range curves {
			fmt.Printf(" %s |", c.cell(i))
		}
		if first.of[i].failed != "" || last.of[i].failed != "" {
			fmt.Print(" – |\n")
			continue
		}
		fmt.Printf(" %.2f |\n", last.of[i].Seconds/first.of[i].Seconds)
	}
}

// cell is the time of one question. An answer without rows is marked, as it may be fast for that reason alone.
func (c *curve) cell(question int) string {
	m := c.of[question]
	if m.failed != "" {
		return strings.ReplaceAll(m.failed, "\n", " ")
	}
	text := fmt.Sprintf("%.1f, %.0f, %.2f %%, %s", m.Seconds*1000, m.CPU*1000, 100*float64(m.scannedBytes)/float64(c.storedBytes), mibText(m.peakBytes))
	if len(m.Rows) == 0 {
		text += ", no rows"
	}
	return text
}
