package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
)

// Exit codes.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitLimit       = 3
	exitInterrupted = 130
)

// sqlError is an error of a statement, with its text for the caret.
type sqlError struct {
	error
	sql string
}

func (e sqlError) Unwrap() error { return e.error }

// report prints an error once and returns the exit code.
func report(w io.Writer, err error) int {
	if err == nil {
		return exitDone
	}
	code := exitCode(err)
	if code == exitInterrupted {
		fmt.Fprintln(w, "interrupted")
		return code
	}
	lines := strings.Split(strings.TrimSpace(err.Error()), "\n")
	for i, line := range lines {
		lines[i] = answer.Printable(line)
	}
	fmt.Fprintf(w, "%s %s\n", errorWord(w), strings.Join(lines, "\n"))
	var statement sqlError
	var e *engine.Error
	if errors.As(err, &statement) && errors.As(err, &e) && !e.Pos.IsZero() {
		printCaret(w, statement.sql, e.Pos.Line, e.Pos.Column)
	}
	return code
}

func exitCode(err error) int {
	var wrong usageError
	var e *engine.Error
	switch {
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &wrong), errors.Is(err, engine.ErrInvalidParameter), errors.Is(err, engine.ErrKeyInvalid),
		errors.Is(err, engine.ErrLookupAttributes), errors.Is(err, engine.ErrLookupTimeRange):
		return exitUsage
	case errors.As(err, &e):
		if e.IsLimit() {
			return exitLimit
		}
		if !e.Pos.IsZero() {
			return exitUsage
		}
	}
	return exitFailed
}

// printCaret shows the line of a statement and where in it the error is.
func printCaret(w io.Writer, sql string, line, column int) {
	lines := strings.Split(sql, "\n")
	if line > len(lines) {
		return
	}
	runes := []rune(strings.TrimRight(lines[line-1], "\r"))
	pad := make([]rune, 0, column)
	for i := 0; i < column-1; i++ {
		if i < len(runes) && runes[i] == '\t' {
			pad = append(pad, '\t')
			continue
		}
		pad = append(pad, ' ')
	}
	fmt.Fprintf(w, "  %s\n  %s^\n", string(runes), string(pad))
}
