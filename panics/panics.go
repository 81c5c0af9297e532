// Package panics ends the panics of background goroutines. A goroutine that panics ends the whole process, with all
// that others are doing in it. At its root a panic becomes the error of the goroutine's own work, and a line in the
// log.
package panics

import (
	"fmt"
	"log/slog"
	"runtime/debug"
)

// Error is a panic as an error of the work that it ended: a defect of the program.
type Error struct {
	Work  string // what the goroutine was doing
	Value any    // what it panicked with
	Stack []byte
}

// Error implements error. The stack is in the log alone.
func (e *Error) Error() string { return fmt.Sprintf("%s: internal error: %v", e.Work, e.Value) }

// Unwrap returns the value of the panic if it is an error.
func (e *Error) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// Catch ends a panic: it logs it with its stack, and calls failed with an *Error. Without a panic it does nothing. It
// must be deferred itself, not be called by a deferred function. log may be nil.
//
// What the goroutine promises to do in any case (closing a channel, releasing a lock) is deferred before Catch, so
// that it happens after failed has noted the error.
func Catch(log *slog.Logger, work string, failed func(error)) {
	value := recover()
	if value == nil {
		return
	}
	err := &Error{Work: work, Value: value, Stack: debug.Stack()}
	if log != nil {
		log.Error("panic", "work", work, "panic", value, "stack", string(err.Stack))
	}
	failed(err)
}

// Run runs work and returns its error, or its panic as an *Error.
func Run(log *slog.Logger, name string, work func() error) (err error) {
	defer Catch(log, name, func(caught error) { err = caught })
	return work()
}
