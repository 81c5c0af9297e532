package socket

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/auditlake/auditlake/engine/buildinfo"
)

// Versions of what follows the greeting. A side that does not know the other's refuses it.
const (
	CommandProtocol = 3 // frames with command lines and their output
	QueryProtocol   = 2 // HTTP with statements and their answers
)

// Greeting is the first thing a holder says, as a frame of kind 'G'. Its form is the
// same in all versions.
type Greeting struct {
	Protocol int `json:"protocol"` // CommandProtocol
	// Program names the build: a command line means what the program that reads it says.
	Program string `json:"program"`
	PID     int    `json:"pid"`
	Folder  string `json:"folder"`            // see FolderID
	Queries int    `json:"queries,omitempty"` // QueryProtocol, 0 if the holder answers no statements
}

// NewGreeting returns this process's greeting. queries: it answers statements.
func NewGreeting(lakeDir string, queries bool) (Greeting, error) {
	folder, err := FolderID(lakeDir)
	g := Greeting{Protocol: CommandProtocol, Program: buildinfo.Current().String(), PID: os.Getpid(), Folder: folder}
	if queries {
		g.Queries = QueryProtocol
	}
	return g, err
}

// CheckCommands returns why this process may not send command lines to the holder, or nil.
func (g Greeting) CheckCommands(lakeDir string) error {
	if g.Protocol != CommandProtocol || g.Program != buildinfo.Current().String() {
		return &VersionError{PID: g.PID, Theirs: g.Program, Ours: buildinfo.Current().String(), TheirProtocol: g.Protocol, OurProtocol: CommandProtocol}
	}
	return g.checkFolder(lakeDir)
}

// CheckQueries returns why this process may not send statements to the holder, or nil.
func (g Greeting) CheckQueries(lakeDir string) error {
	if g.Queries != QueryProtocol {
		return &VersionError{PID: g.PID, Theirs: g.Program, Ours: buildinfo.Current().String(), TheirProtocol: g.Queries, OurProtocol: QueryProtocol}
	}
	return g.checkFolder(lakeDir)
}

func (g Greeting) checkFolder(lakeDir string) error {
	folder, err := FolderID(lakeDir)
	if err != nil {
		return fmt.Errorf("lake folder: %w", err)
	}
	if folder != g.Folder {
		return ErrNoHolder
	}
	return nil
}

const (
	greetingKind = 'G'
	headerBytes  = 6 // kind, stream, length in 4 bytes, most significant first
	// MaxGreetingBytes is how long a greeting may be.
	MaxGreetingBytes = 64 << 10
)

// HTTPRequest is the kind of the empty frame that a client sends after the greeting to continue in HTTP.
const HTTPRequest = 'H'

// ErrNotAuditlake means that what listens at a lake's socket does not greet.
var ErrNotAuditlake = errors.New("the process that listens for the lake is not auditlake")

// ReadGreeting reads the greeting from a connection, and no byte more.
func ReadGreeting(conn io.Reader) (g Greeting, err error) {
	var header [headerBytes]byte
	if _, err := io.ReadFull(conn, header[:]); err != nil {
		return g, err
	}
	length := binary.BigEndian.Uint32(header[2:])
	if header[0] != greetingKind || length > MaxGreetingBytes {
		return g, ErrNotAuditlake
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(conn, text); err != nil {
		return g, err
	}
	return ParseGreeting(text)
}

// ParseGreeting reads what a greeting's frame holds.
func ParseGreeting(text []byte) (g Greeting, err error) {
	if json.Unmarshal(text, &g) != nil {
		return g, ErrNotAuditlake
	}
	return g, nil
}

// AskForHTTP sends the frame after which a connection speaks HTTP.
func AskForHTTP(conn io.Writer) error {
	_, err := conn.Write([]byte{HTTPRequest, 0, 0, 0, 0, 0})
	return err
}

// VersionError means that the holder is another version of the program.
type VersionError struct {
	PID                        int
	Theirs, Ours               string // versions of the program
	TheirProtocol, OurProtocol int
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("process %d holds the lake and is another version of auditlake (%s, protocol %d; this is %s, protocol %d): "+
		"use the same version, or wait until that process has ended", e.PID, e.Theirs, e.TheirProtocol, e.Ours, e.OurProtocol)
}
