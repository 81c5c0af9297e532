package shell

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// edit lets the user's editor change the last statement, or a file, and runs what it has then.
func (s *Shell) edit(ctx context.Context, path string) {
	if !s.interactive {
		s.fail(`\e needs a terminal`)
		return
	}
	if path != "" {
		s.runEdited(ctx, path, path)
		return
	}
	dir, err := os.MkdirTemp("", "auditlake-edit-")
	if err != nil {
		s.fail("%v", err)
		return
	}
	defer os.RemoveAll(dir)
	path = filepath.Join(dir, "statement.sql")
	text := ""
	if s.latest != "" {
		text = s.latest + ";\n"
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.fail("%v", err)
		return
	}
	s.runEdited(ctx, path, "")
}

// runEdited edits a file and runs its statements. Errors call the file name, "" for a temporary one.
func (s *Shell) runEdited(ctx context.Context, path, name string) {
	program := exec.CommandContext(ctx, "sh", "-c", editorProgram()+` "$1"`, "sh", path)
	program.Stdin, program.Stdout, program.Stderr = s.options.In, s.options.Out, s.options.Err
	if err := program.Run(); err != nil {
		s.fail("%s: %v; nothing is run", editorProgram(), err)
		return
	}
	text, err := readScript(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && strings.TrimSpace(text) == "" {
		return // nothing was saved
	}
	if err != nil {
		s.fail("%v", err)
		return
	}
	fmt.Fprintln(s.options.Err, strings.TrimSpace(text))
	s.remember(strings.TrimSpace(text))
	s.runScript(ctx, name, text)
}

// editorProgram is $VISUAL, else $EDITOR, else vi.
func editorProgram() string {
	for _, name := range []string{"VISUAL", "EDITOR"} {
		if program := os.Getenv(name); program != "" {
			return program
		}
	}
	return "vi"
}
