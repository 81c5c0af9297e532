package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// inputName is the path that stands for standard input.
const inputName = "-"

// spoolInput replaces "-" among the paths of an import by a file with the contents of standard input. remove
// removes the file. A process that holds the lake can read a file of this one's, but not its input, and a large
// import reads its files twice.
func (p *program) spoolInput(paths []string) (out []string, remove func(), err error) {
	at := slices.Index(paths, inputName)
	if at < 0 {
		return paths, func() {}, nil
	}
	if slices.Contains(paths[at+1:], inputName) {
		return nil, nil, usageError{errors.New("standard input (-) can be used only once")}
	}
	out, remove = slices.Clone(paths), func() {}
	if spooled, ok := p.files[inputName]; ok { // the process whose command this is has the file
		out[at] = string(spooled)
		return out, remove, nil
	}
	if p.held != nil {
		return nil, nil, errors.New("standard input was not read before the lake was opened")
	}
	folder, err := os.MkdirTemp("", "auditlake-import-*")
	if err != nil {
		return nil, nil, err
	}
	remove = func() { _ = os.RemoveAll(folder) }
	name := filepath.Join(folder, "stdin")
	if err := p.copyInput(name); err != nil {
		remove()
		return nil, nil, fmt.Errorf("standard input: %w", err)
	}
	p.files[inputName] = []byte(name)
	out[at] = name
	return out, remove, nil
}

// copyInput copies standard input to a new file.
func (p *program) copyInput(name string) error {
	if p.input != nil {
		p.input.stopRecording() // it may be large, and is read here alone
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, p.in)
	return errors.Join(err, file.Close())
}
