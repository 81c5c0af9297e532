package main

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/auditlake/auditlake/bench/process"
)

// shooter is a program that is asked in a process for each question.
type shooter struct{ name, program, lake string }

// oneShot asks the first twenty questions of another commit's program and of this one, each in its own process. So
// only the kernel's page cache is kept from one question to the next. Both import the same log files.
func (b *bench) oneShot() error {
	if b.runs == 0 {
		return errors.New("-oneshot needs -runs of one or more")
	}
	work := filepath.Join(b.dir, "oneshot")
	if err := errorsOf(os.RemoveAll(work), os.MkdirAll(work, 0o700)); err != nil {
		return err
	}
	old := shooter{name: b.commit, program: filepath.Join(work, "auditlake"), lake: filepath.Join(work, "lake")}
	if err := buildCommit(".", b.commit, work, old.program); err != nil {
		return err
	}
	return b.oneShotBeside(old, shooter{name: "this", program: b.program, lake: filepath.Join(work, "lake-of-this")})
}

// oneShotBeside asks the old program and the new one in turns and prints their times.
func (b *bench) oneShotBeside(old, this shooter) error {
	if _, err := os.Lstat(b.logs()); errors.Is(err, fs.ErrNotExist) {
		if _, err := b.makeLogs(); err != nil {
			return err
		}
	}
	for _, s := range []shooter{old, this} {
		if err := s.importLogs(b.logs()); err != nil {
			return err
		}
	}
	known, err := this.constants(b.end)
	if err != nil {
		return err
	}
	all, err := readQuestions(filepath.Join("testdata", "queries"))
	if err != nil {
		return err
	}
	sums := shotSums{of: [2]string{old.name, this.name}}
	sums.printHead(b.runs)
	for _, q := range all {
		if q.group != questionFiles[0].group || !b.only.MatchString(q.ID) && !b.only.MatchString(q.Title) {
			continue
		}
		old, this, says, err := shotsInTurns(old, this, known.filled(q.Trino, "main"), b.runs)
		if err != nil {
			return fmt.Errorf("%s: %w", q.ID, err)
		}
		if q.isApproximate() && len(old) > 0 {
			says = "approximate"
		}
		sums.printRow(q, old, this, says)
	}
	sums.printFoot()
	return nil
}

// importLogs imports and compacts the log files in a new lake.
func (s shooter) importLogs(logs string) error {
	if err := os.RemoveAll(s.lake); err != nil {
		return err
	}
	if _, _, err := process.Run("", s.program, "--lake", s.lake, "import", logs); err != nil {
		return err
	}
	_, _, err := process.Run("", s.program, "--lake", s.lake, "compact")
	return err
}

// constants serves the lake to find what the questions name of the events.
func (s shooter) constants(end time.Time) (constants, error) {
	known := constants{end: end}
	served, err := startService(s.program, s.lake)
	if err != nil {
		return known, err
	}
	defer served.stop()
	return known, known.find(served)
}

// shot is one run of a question.
type shot struct{ wall, cpu time.Duration }

func (s shooter) ask(sql string) (shot, *answer, error) {
	used, out, err := process.Run("", s.program, "--lake", s.lake, "query", "--format", "csv", sql)
	if err != nil {
		return shot{}, nil, err
	}
	records, err := csv.NewReader(strings.NewReader(string(out))).ReadAll()
	if err != nil || len(records) == 0 {
		return shot{}, nil, fmt.Errorf("no answer in CSV: %.100s", out)
	}
	a := &answer{Names: records[0]}
	for _, record := range records[1:] {
		row := make([]any, len(record))
		for i, value := range record {
			row[i] = value
			if strings.HasPrefix(value, "[") || strings.HasPrefix(value, "{") {
				row[i] = []any{} // a nested value, which commits write in other ways: sameAnswer leaves its column out
			}
		}
		a.Rows = append(a.Rows, row)
	}
	return shot{used.Wall, used.CPU}, a, nil
}

// shotsInTurns asks each program a question runs times, after one unmeasured run, and says whether their answers
// agree. An old program that cannot answer has no shots; what ours cannot answer is an error.
func shotsInTurns(old, this shooter, sql string, runs int) (ofOld, ofThis []shot, says string, err error) {
	_, ours, err := this.ask(sql)
	if err != nil {
		return nil, nil, "", err
	}
	_, theirs, err := old.ask(sql)
	if err != nil {
		return nil, nil, old.name + " cannot answer", nil
	}
	says = "the same"
	if !sameAnswer(ours, theirs) {
		says = "**differ**"
	}
	for run := range runs {
		first, second, ofFirst, ofSecond := old, this, &ofOld, &ofThis
		if run%2 == 1 { // neither is always the one that comes after the other
			first, second, ofFirst, ofSecond = this, old, &ofThis, &ofOld
		}
		for _, turn := range []struct {
			of   shooter
			keep *[]shot
		}{{first, ofFirst}, {second, ofSecond}} {
			got, _, err := turn.of.ask(sql)
			if err != nil {
				return nil, nil, "", err
			}
			*turn.keep = append(*turn.keep, got)
		}
	}
	return ofOld, ofThis, says, nil
}

// shotSums adds up the questions that both programs answer.
type shotSums struct {
	of        [2]string
	questions int
	leftOut   []string
	figures   [len(shotFigures)][2]time.Duration
}

// shotFigures are what is printed of the runs of a question.
var shotFigures = [...]struct {
	name string
	of   func([]shot) time.Duration
}{
	{"wall, least", func(s []shot) time.Duration { return slices.Min(wallsOf(s)) }},
	{"wall, median", func(s []shot) time.Duration { return median(wallsOf(s)) }},
	{"CPU, least", func(s []shot) time.Duration { return slices.Min(cpusOf(s)) }},
	{"CPU, median", func(s []shot) time.Duration { return median(cpusOf(s)) }},
}

func wallsOf(shots []shot) (out []time.Duration) {
	for _, s := range shots {
		out = append(out, s.wall)
	}
	return out
}

func cpusOf(shots []shot) (out []time.Duration) {
	for _, s := range shots {
		out = append(out, s.cpu)
	}
	return out
}

func median[T cmp.Ordered](of []T) T {
	slices.Sort(of)
	return of[len(of)/2]
}

func (t *shotSums) printHead(runs int) {
	fmt.Printf("A process for each question, %d runs in turns; ms at %s, ms of this program.\n\n| question |", runs, t.of[0])
	for _, figure := range shotFigures {
		fmt.Printf(" %s |", figure.name)
	}
	fmt.Printf(" answers |\n|---|%s---|\n", strings.Repeat("---|", len(shotFigures)))
}

// printRow prints a question and adds its figures to the sums, if both answer it.
func (t *shotSums) printRow(q question, old, this []shot, says string) {
	fmt.Printf("| %s %s |", q.ID, q.Title)
	for i, figure := range shotFigures {
		if len(old) == 0 {
			fmt.Print(" – |")
			continue
		}
		ofOld, ofThis := figure.of(old), figure.of(this)
		t.figures[i][0] += ofOld
		t.figures[i][1] += ofThis
		fmt.Printf(" %.1f, %.1f |", inMilliseconds(ofOld), inMilliseconds(ofThis))
	}
	fmt.Printf(" %s |\n", says)
	if len(old) == 0 {
		t.leftOut = append(t.leftOut, q.ID)
		return
	}
	t.questions++
}

func (t *shotSums) printFoot() {
	fmt.Printf("\n| sums of %d questions | %s, ms | %s, ms | ÷ |\n|---|---|---|---|\n", t.questions, t.of[0], t.of[1])
	for i, figure := range shotFigures {
		old, this := inMilliseconds(t.figures[i][0]), inMilliseconds(t.figures[i][1])
		fmt.Printf("| %s | %.1f | %.1f | %.2f |\n", figure.name, old, this, this/old)
	}
	if len(t.leftOut) > 0 {
		fmt.Printf("\nNot in the sums, as %s cannot answer them: %s.\n", t.of[0], strings.Join(t.leftOut, ", "))
	}
}

func inMilliseconds(d time.Duration) float64 { return d.Seconds() * 1000 }

// buildProgram builds the program of a folder of source, as releases are built.
func buildProgram(source, program string) error {
	_, _, err := process.RunIn([]string{"CGO_ENABLED=0"}, "", "go", "-C", source, "build", "-trimpath", "-o", program, "./cmd/auditlake")
	return err
}

// buildCommit builds the program of a commit in a temporary work tree.
func buildCommit(repository, commit, work, program string) (err error) {
	source, err := os.MkdirTemp(work, "source-")
	if err != nil {
		return err
	}
	if source, err = filepath.Abs(source); err != nil {
		return err
	}
	if program, err = filepath.Abs(program); err != nil {
		return err
	}
	_, name, err := process.Run("", "git", "-C", repository, "rev-parse", "--verify", "--end-of-options", commit+"^{commit}")
	if err != nil {
		return err
	}
	if _, _, err := process.Run("", "git", "-C", repository, "worktree", "add", "--detach", source, strings.TrimSpace(string(name))); err != nil {
		return err
	}
	defer func() {
		_, _, removed := process.Run("", "git", "-C", repository, "worktree", "remove", "--force", source)
		err = errors.Join(err, removed)
	}()
	return buildProgram(source, program)
}
