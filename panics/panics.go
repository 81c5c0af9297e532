// Package panics catches the panics of background goroutines. An uncaught panic ends the whole process, with
// everything that other goroutines are doing. At the root of a goroutine, this package turns a panic into the error
// of that goroutine's own work and a line in the log.
package panics

import (
	"fmt"
	"log/slog"
	"runtime/debug"
)

// Error is a panic as the error of the work that it ended. It is a defect of the program.
type Error struct {
	Work  string // what the goroutine was doing
	Value any    // the value of the panic
	Stack []byte
}

// Error implements error. The stack is only in the log.
func (e *Error) Error() string { return fmt.Sprintf("%s: internal error: %v", e.Work, e.Value) }

// Unwrap returns the value of the panic if it is an error.
func (e *Error) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// Catch recovers a panic: it logs the panic with its stack and calls failed with an *Error. Without a panic it does
// nothing. It must be deferred directly, not called by a deferred function. log may be nil.
//
// Whatever the goroutine must do in any case (close a channel, release a lock) has to be deferred before Catch, so
// that it runs after failed has noted the error.
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

// Run calls work and returns its error, or its panic as an *Error.
func Run(log *slog.Logger, name string, work func() error) (err error) {
	defer Catch(log, name, func(caught error) { err = caught })
	return work()
}
