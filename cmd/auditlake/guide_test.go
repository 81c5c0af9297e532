package main_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/cmd/auditlake/sample"
	"github.com/auditlake/auditlake/internal/material"
)

// block is a fenced block of a page.
type block struct{ language, text string }

var fenced = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")

func blocksOf(t *testing.T, path string) (blocks []block) {
	t.Helper()
	page, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, found := range fenced.FindAllSubmatch(page, -1) {
		blocks = append(blocks, block{string(found[1]), string(found[2])})
	}
	return blocks
}

// TestGuide runs the pages of docs/guide, each in a folder of its own with log files in AWSLogs: `sh` blocks in their order, whose output has
// the lines of the `text` block below, and `sql` blocks, which find rows.
func TestGuide(t *testing.T) {
	program, logs := buildProgram(t), t.TempDir()
	require.NoError(t, sample.WriteTo(logs, time.Now().UTC().Add(-24*time.Hour)))
	pages, err := filepath.Glob(filepath.Join(material.Module(t), "docs", "guide", "*.md"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(pages), 10)
	run := 0
	for _, page := range pages {
		t.Run(filepath.Base(page), func(t *testing.T) {
			w := newWalk(t, program, logs)
			blocks := blocksOf(t, page)
			for i, b := range blocks {
				switch b.language {
				case "sh":
					want := ""
					if i+1 < len(blocks) && blocks[i+1].language == "text" {
						want = blocks[i+1].text
					}
					w.runScript(t, b.text, want)
					run++
				case "sql":
					w.ask(t, b.text)
					run++
				case "text":
					require.Equal(t, "sh", blocks[i-1].language, "the output of what is not run: %s", b.text)
				case "go":
					requireInExamples(t, b.text)
				case "json":
					require.True(t, json.Valid([]byte(b.text)), b.text)
				case "console", "":
				default:
					require.Fail(t, "a block of an unknown kind: "+b.language)
				}
			}
		})
	}
	require.GreaterOrEqual(t, run, 20)
}

// walk is a page that is run.
type walk struct {
	dir, program string
	env          []string
}

func newWalk(t *testing.T, program, logs string) *walk {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.Symlink(logs, filepath.Join(dir, "AWSLogs")))
	return &walk{dir: dir, program: program, env: append(os.Environ(), "HOME="+dir, "TMPDIR="+t.TempDir(), "PATH="+filepath.Dir(program)+":"+os.Getenv("PATH"),
		"AUDITLAKE_DIR="+filepath.Join(dir, "lake"), "XDG_DATA_HOME=")}
}

func (w *walk) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = w.dir, w.env
	return cmd
}

func (w *walk) runScript(t *testing.T, script, want string) {
	t.Helper()
	out, err := w.command("bash", "-e", "-c", script).CombinedOutput()
	require.NoError(t, err, "%s\n%s", script, out)
	requireShape(t, want, string(out))
}

func (w *walk) ask(t *testing.T, sql string) {
	t.Helper()
	got := execute(t, w.command(w.program, "query", sql))
	require.Zero(t, got.code, "%s\n%s", sql, got.err)
	require.NotRegexp(t, `(?m)^0 rows`, got.err, sql)
}

// requireShape wants the lines of a shape in the output, in their order. In a line of the shape … stands for anything, white space for any white
// space, and more text may follow a line that ends with it.
func requireShape(t *testing.T, shape, out string) {
	t.Helper()
	rest := out
	for line := range strings.Lines(shape) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		parts := strings.Split(line, "…")
		for i, part := range parts {
			words := strings.Fields(part)
			for j, word := range words {
				words[j] = regexp.QuoteMeta(word)
			}
			parts[i] = strings.Join(words, `[ \t]+`)
		}
		at := regexp.MustCompile(strings.Join(parts, `.*`)).FindStringIndex(rest)
		require.NotNil(t, at, "no line %q in what is left of the output:\n%s\nwhole output:\n%s", line, rest, out)
		rest = rest[at[1]:]
	}
}

// requireInExamples wants a piece of Go in one of the files of examples, which are tests.
func requireInExamples(t *testing.T, piece string) {
	t.Helper()
	for _, file := range []string{"engine/example_test.go", "engine/sqldriver/example_test.go"} {
		source, err := os.ReadFile(filepath.Join(material.Module(t), filepath.FromSlash(file)))
		require.NoError(t, err)
		if strings.Contains(string(source), piece) {
			return
		}
	}
	require.Fail(t, "no example has this:\n"+piece)
}

// TestFirstScreen: what the README says first, and the first commands, fit a screen of 50 lines of 150 characters.
func TestFirstScreen(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(material.Module(t), "README.md"))
	require.NoError(t, err)
	lines := 0
	for line := range strings.Lines(string(text)) {
		lines += 1 + len([]rune(strings.TrimSpace(line)))/150
		if strings.HasPrefix(line, "3 rows, ") { // the first answer over files of one's own
			require.LessOrEqual(t, lines, 50)
			return
		}
	}
	require.Fail(t, "the README shows no answer any more")
}
