package shell

import (
	"bufio"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/auditlake/auditlake/engine"
)

const maxHistory = 1000

// history keeps the statements of this session and the ones before, the newest
// last, in a file with one quoted statement a line.
type history struct {
	path    string // "" keeps them in memory only
	entries []string
}

// openHistory reads a history. A file that cannot be read gives an empty one.
func openHistory(path string) *history {
	h := &history{path: path}
	file, err := os.Open(path)
	if err != nil {
		return h
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if entry, err := strconv.Unquote(lines.Text()); err == nil {
			h.entries = append(h.entries, entry)
		}
	}
	h.entries = h.entries[max(0, len(h.entries)-maxHistory):]
	return h
}

// Add implements term.History. The terminal offers single lines; statements,
// which may have several, come through keep.
func (h *history) Add(string) {}

// Len implements term.History.
func (h *history) Len() int { return len(h.entries) }

// At implements term.History.
func (h *history) At(i int) string { return h.entries[len(h.entries)-1-i] }

// keep adds what was executed, on one line so that it can be edited again.
func (h *history) keep(statement string) error {
	statement = engine.OneLine(statement)
	if n := len(h.entries); n > 0 && h.entries[n-1] == statement {
		return nil
	}
	h.entries = append(h.entries, statement)
	if len(h.entries) > maxHistory {
		h.entries = slices.Delete(h.entries, 0, len(h.entries)-maxHistory)
	}
	if h.path == "" {
		return nil
	}
	err := os.MkdirAll(filepath.Dir(h.path), 0o700)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(h.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrPermission) {
		h.path = "" // asked once
	}
	if err != nil {
		return err
	}
	_, err = file.WriteString(strconv.Quote(statement) + "\n")
	return errors.Join(err, file.Close())
}
