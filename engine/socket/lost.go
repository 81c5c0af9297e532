package socket

import (
	"errors"
	"fmt"
	"time"
)

// ErrHolderEnded means that the holder ended before what it was asked for did. The caller can ask again, of the
// process that holds the lake by then.
var ErrHolderEnded = errors.New("the process that held the lake ended")

// LostError means that the holder ended before what it was asked for did, and that
// it must not be asked for again.
type LostError struct {
	Printed bool // part of the answer was printed
}

func (e *LostError) Error() string {
	if e.Printed {
		return ErrHolderEnded.Error() + " while it sent the result: what was printed is incomplete"
	}
	return ErrHolderEnded.Error() + " while it executed this command, which may or may not have completed"
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
