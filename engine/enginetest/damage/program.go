package damage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// AskProgram is ask through the program of a path.
func AskProgram(ctx context.Context, program, dir string) *Found {
	f := &Found{}
	for _, question := range Questions {
		answer, err := output(ctx, program, "--lake", dir, "query", "--format", "csv", question)
		f.answers, f.errs = append(f.answers, answer), append(f.errs, err)
	}
	text, err := output(ctx, program, "--lake", dir, "verify")
	for line := range strings.Lines(text) {
		if problem, ok := strings.CutPrefix(strings.TrimSpace(line), "PROBLEM "); ok {
			f.problems = append(f.problems, errors.New(problem))
		}
	}
	if len(f.problems) == 0 {
		f.verify = err
	}
	return f
}

// output runs a program. What it says on standard error is the error; a panic is one that names no file.
func output(ctx context.Context, program string, args ...string) (string, error) {
	var out, told bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdout, cmd.Stderr = &out, &told
	err := cmd.Run()
	if text := told.String(); strings.Contains(text, "goroutine ") || strings.Contains(text, "fatal error") {
		return "", errors.New("the process ended: " + strings.ReplaceAll(text, "/", "|"))
	}
	if err != nil {
		return out.String(), fmt.Errorf("%w: %s", err, told.String())
	}
	return out.String(), nil
}

// TryProgram is Try through the program of a path.
func (l *Lake) TryProgram(ctx context.Context, d *Damage, program, dir string) []string {
	before := contents(dir)
	findings := l.Judge(d, AskProgram(ctx, program, dir))
	return append(findings, gone(d, before, contents(dir))...)
}
