// Package attach lets several processes use one lake. One process holds it: the
// holder, which has its lock. Any other sends its command line to the holder over
// a Unix socket; the holder executes it, and what it writes goes back to the
// process that asked. When the holder ends, the others are told to try again: one
// of them then gets the lock and is the next holder.
//
// The package moves command lines and bytes. It knows no command, and nothing of
// what is in a lake. docs/decisions/006-attach.md says why it is built so.
package attach

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// Command is a command line with what its process read and knows.
type Command struct {
	Args []string
	// Dir is the absolute folder that relative paths start from.
	Dir string
	// Stdin is what was read of standard input, StdinEnded whether that was all of it.
	Stdin      []byte
	StdinEnded bool
	// Files are the contents of the files that were read, by name.
	Files map[string][]byte
	// Secrets are for the execution of this command alone: nobody keeps, prints or
	// logs them.
	Secrets []byte
	// Terminal: standard error is a terminal.
	Terminal bool
	// Repeatable: executing it twice has the effect of executing it once.
	Repeatable bool
	// Patience is how long the holder may be silent before the client gives up; it
	// sends signs of life more often than that. 0: DefaultPatience.
	Patience time.Duration
}

// DefaultPatience is far longer than a loaded machine keeps a process waiting.
const DefaultPatience = time.Minute

// Output is where a command writes. The client's is real; a holder gets one
// whose bytes travel to the client's.
type Output struct {
	Stdout, Stderr io.Writer
	// Create makes a file or empties it. A holder learns of an error only by the
	// end of the command's context; the client's process reports it.
	Create func(name string) (File, error)
	// Waiting, of a client, is told once if the holder takes its time to begin: it is stopped, or has more to do
	// than it can. Nil: nobody is told.
	Waiting func()
}

// File is a file that a command writes.
type File interface {
	io.WriteCloser
	// Remove removes the file, which may be closed.
	Remove() error
}

var (
	// ErrNoHolder means that nobody answered: the lock is free, or its owner
	// does not listen, not yet, or not any more. Nothing was executed.
	ErrNoHolder = errors.New("no process answers for the lake")
	// ErrHolderBusy means that the holder has let so many clients wait that the
	// system takes no more. Nothing was executed.
	ErrHolderBusy = errors.New("too many commands wait for the process that holds the lake")
	// ErrHolderEnded means that the holder ended before the command did; it can
	// be executed again.
	ErrHolderEnded = errors.New("the process that held the lake ended")
)

// LostError means that the holder ended before the command did, and that it must
// not be executed again.
type LostError struct {
	Printed bool // part of the answer was printed
}

func (e *LostError) Error() string {
	if e.Printed {
		return ErrHolderEnded.Error() + " while it answered: what was printed is not the whole answer"
	}
	return ErrHolderEnded.Error() + " while it executed this command, which may or may not have been carried out"
}

// SilentError means that the holder has not been heard of for the command's
// patience: it is stopped, or does not get to run. The client has given up.
type SilentError struct {
	PID      int // of the holder, 0 if not known
	Patience time.Duration
	// Unknown: the command may or may not have been carried out.
	Unknown bool
	// Printed: part of the answer was printed.
	Printed bool
}

func (e *SilentError) Error() string {
	text := "the process that holds the lake"
	if e.PID > 0 {
		text = fmt.Sprintf("process %d, which holds the lake,", e.PID)
	}
	text += fmt.Sprintf(" has not answered for %s: it is stopped or overloaded", e.Patience)
	if e.PID > 0 {
		text += fmt.Sprintf("; see it with ps -p %d, continue it with kill -CONT %[1]d, or end it", e.PID)
	}
	switch {
	case e.Printed:
		text += ". What was printed is not the whole answer"
	case e.Unknown:
		text += ". This command may or may not have been carried out"
	}
	return text
}

// VersionError means that the holder is another version of the program.
type VersionError struct {
	PID           int
	Theirs, Ours  string // versions of the program
	TheirProtocol int
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("process %d holds the lake and is another version of auditlake (%s, protocol %d; this is %s, protocol %d): "+
		"use the same version, or wait until that process has ended", e.PID, e.Theirs, e.TheirProtocol, e.Ours, protocolVersion)
}

// ErrOtherUser means that the lake is held by a process of another user.
var ErrOtherUser = errors.New("a process of another user holds the lake; only processes of one user share it")
