package damage

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
)

// Questions read all rows and columns of a lake.
var Questions = []string{
	"SELECT count(*), min(eventtime), max(eventtime), count(DISTINCT eventid) FROM main",
	"SELECT * FROM main ORDER BY eventid",
	"SELECT * FROM rebuilt ORDER BY eventid",
	"SELECT team, count(*) FROM main JOIN people ON useridentity.username = name GROUP BY team ORDER BY team",
	"SELECT eventid, eventjson FROM main WHERE eventtime >= '2026-01-02 00:00:00' AND eventtime < '2026-01-03 00:00:00' AND useridentity.username = 'u3' ORDER BY 1",
}

// Found is what a lake answered.
type Found struct {
	opening  error
	answers  []string
	errs     []error // of the questions, nil each that was answered
	problems []error
	verify   error
	closing  error
}

func (f *Found) firstError() error {
	return errors.Join(append(append([]error{f.opening, f.verify, f.closing}, f.errs...), f.problems...)...)
}

// ask opens a lake, asks the questions, verifies it and closes it.
func ask(ctx context.Context, dir string) *Found {
	f := &Found{}
	lake, err := open(ctx, dir, true)
	if err != nil {
		f.opening = err
		return f
	}
	for _, question := range Questions {
		answer, err := answerOf(ctx, lake, question)
		f.answers, f.errs = append(f.answers, answer), append(f.errs, err)
	}
	verification, err := lake.Verify(ctx, engine.VerifyOptions{})
	f.verify = err
	if err == nil {
		f.problems = verification.Problems
	}
	f.closing = lake.Close()
	return f
}

func answerOf(ctx context.Context, lake *engine.Lake, question string) (string, error) {
	rows, err := lake.Query(ctx, question)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var text strings.Builder
	if _, err := answer.Write("csv", &text, rows); err != nil {
		return "", err
	}
	return text.String(), nil
}

// Try asks the damaged lake in dir, which is a copy, and returns what is wrong with its answers and files; goOn:
// also with further work.
func (l *Lake) Try(ctx context.Context, d *Damage, dir string, goOn bool) []string {
	before := contents(dir)
	found := ask(ctx, dir)
	findings := l.Judge(d, found)
	findings = append(findings, gone(d, before, contents(dir))...)
	if goOn && len(findings) == 0 && found.opening == nil {
		findings = l.goOn(ctx, d, dir)
	}
	return findings
}

// Judge says what is wrong with the answers of a damaged lake: a right answer is harmless, an error must name the
// damaged file, and verify must find a segment or table that is not what it was.
func (l *Lake) Judge(d *Damage, f *Found) (findings []string) {
	report := func(format string, args ...any) { findings = append(findings, fmt.Sprintf(format, args...)) }
	isNamed := false
	unnamed := func(where string, err error) {
		if err == nil {
			return
		}
		if isNamed = isNamed || d.isNamedBy(err.Error()); !d.isNamedBy(err.Error()) {
			report("%s: an error that does not name the file: %v", where, err)
		}
	}
	unnamed("opening", f.opening)
	if f.opening != nil {
		return findings
	}
	for i, answer := range f.answers {
		if f.errs[i] == nil && answer != l.want[i] {
			report("%s: wrong answer: %s", Questions[i], firstDifference(l.want[i], answer))
		}
		unnamed(Questions[i], f.errs[i])
	}
	unnamed("verify", f.verify)
	for _, problem := range f.problems {
		isNamed = isNamed || d.isNamedBy(problem.Error())
	}
	if (d.Kind == "segment" || d.Kind == "table") && d.What != "older" && !isNamed && l.isChanged(d) {
		report("verify does not name the file: %v", f.problems)
	}
	unnamed("closing", f.closing)
	return findings
}

// isChanged reports whether the damage changed anything: zeros may have been zeros, and a file may be exchanged for
// itself.
func (l *Lake) isChanged(d *Damage) bool {
	return d.What != "zero" && (len(d.Files) < 2 || !l.files[d.Files[0]].isEqual(l.files[d.Files[1]]))
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return fmt.Sprintf("line %d of %d: %.200s, want %.200s of %d", i, len(g), g[i], w[i], len(w))
		}
	}
	return fmt.Sprintf("%d lines instead of %d", len(g), len(w))
}

// goOn pushes to a lake whose answers were right: the push is there when it is opened again, or was refused.
func (l *Lake) goOn(ctx context.Context, d *Damage, dir string) []string {
	lake, err := open(ctx, dir, true)
	if err != nil {
		return []string{fmt.Sprintf("opening again: %v", err)}
	}
	pushErr := push(ctx, lake, 5000, 1, 1)
	var flushErr error
	if pushErr == nil {
		flushErr = lake.Flush(ctx)
	}
	closeErr := lake.Close()
	lake, err = open(ctx, dir, true)
	if err != nil {
		return []string{fmt.Sprintf("opening after a push (%v): %v", errors.Join(pushErr, flushErr, closeErr), err)}
	}
	defer lake.Close()
	const count = "SELECT count(*) FROM main"
	answer, err := answerOf(ctx, lake, count)
	if err != nil {
		if d.isNamedBy(err.Error()) {
			return nil
		}
		return []string{fmt.Sprintf("after a push: %v", err)}
	}
	had := strings.Split(strings.Split(l.want[0], "\n")[1], ",")[0]
	var n int
	if _, err := fmt.Sscan(strings.Trim(had, `"`), &n); err != nil {
		return []string{err.Error()}
	}
	if pushErr == nil {
		n++
	}
	if !strings.Contains(answer, fmt.Sprint(n)) {
		return []string{fmt.Sprintf("after a push (%v): %q instead of %d events", pushErr, answer, n)}
	}
	return nil
}

// contents returns the hashes of the files that must not be lost, by path.
func contents(dir string) map[string][32]byte {
	list := map[string][32]byte{}
	_ = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return nil //nolint:nilerr // what cannot be listed is missing in the list
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		switch kindOf(name) {
		case "segment", "table", "commit", "store.json":
			content, err := os.ReadFile(path)
			if err == nil {
				list[name] = sha256.Sum256(content)
			}
		}
		return nil
	})
	return list
}

// gone lists files whose contents are lost, except for the damaged file, which may have been mended.
func gone(d *Damage, before, after map[string][32]byte) (findings []string) {
	left := map[[32]byte]bool{}
	for _, sum := range after {
		left[sum] = true
	}
	for name, sum := range before {
		_, isThere := after[name]
		if !left[sum] && !(isThere && slices.Contains(d.Files, name)) {
			findings = append(findings, fmt.Sprintf("file %s is gone", name))
		}
	}
	return findings
}
