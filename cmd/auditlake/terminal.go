package main

import (
	"io"
	"os"

	"golang.org/x/term"

	"github.com/auditlake/auditlake/cmd/auditlake/shell"
	"github.com/auditlake/auditlake/engine/answer"
)

// terminal reports whether w is a terminal, for progress lines.
func terminal(w io.Writer) bool {
	if _, far := w.(farTerminal); far {
		return true
	}
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// layout is how answers are written to standard output, or to the file output if that is not empty: on a terminal
// they fit its width and have colours, everywhere else they are whole and plain.
func (p *program) layout(output string) answer.Layout {
	file, ok := p.out.(*os.File)
	if pager, paged := p.out.(*shell.Pager); paged {
		file, ok = pager.Terminal(), true
	}
	if output != "" || !ok {
		return answer.Layout{}
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil || width <= 0 {
		return answer.Layout{}
	}
	return answer.Layout{Width: width, Color: wantsColor()}
}

// wantsColor reports whether the environment allows colours on terminals: NO_COLOR, set to anything, and a terminal
// called dumb do not.
func wantsColor() bool { return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" }

// errorWord begins an error, in red on a terminal.
func errorWord(w io.Writer) string {
	if file, ok := w.(*os.File); ok && terminal(file) && wantsColor() {
		return "\x1b[31merror:\x1b[0m"
	}
	return "error:"
}
