// Package attach lets several processes use one lake. One process holds it: the holder, which has its lock. Any
// other sends its command line to the holder over a Unix socket; the holder executes it, and sends the output back.
// When the holder ends, the others try again: one of them gets the lock and is the next holder.
//
// The package moves command lines and bytes. It knows no command, and nothing of
// what is in a lake. docs/decisions/006-attach.md says why it is built so.
package attach

import (
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
	// Secrets are for the execution of this command alone: they are never kept, printed or logged.
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

// Output is where a command writes. The client's Output writes for real; a holder's sends the bytes to the client.
type Output struct {
	Stdout, Stderr io.Writer
	// Create makes a file or empties it. A holder learns of an error only by the
	// end of the command's context; the client's process reports it.
	Create func(name string) (File, error)
	// Waiting, if not nil, is called once in a client if the holder takes its time to begin: it is stopped, or has
	// more to do than it can.
	Waiting func()
}

// File is a file that a command writes.
type File interface {
	io.WriteCloser
	// Remove removes the file, which may be closed.
	Remove() error
}
