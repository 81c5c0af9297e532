package auditlake_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Limits of comments in the product's code.
const (
	maxCommentColumns = 120
	maxSentenceWords  = 30
)

// unplain are phrases that a reader has to read twice: an actor without a noun, a count or a range in words of our own.
var unplain = regexp.MustCompile(`(?i)\b((for|to|by|of) who|whoever|nobody|somebody|beside each other|underway|anew|at hand|of which|of whom|` +
	`of whose|as many as|so many|so few|from one up to another|from one on|gives? out|told|tells|those of what|has \w+ \w+ed by)\b`)

// TestProse: the comments of the product's code have no line over maxCommentColumns, no sentence over
// maxSentenceWords, and no phrase of unplain.
func TestProse(t *testing.T) {
	var found []string
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		faults, err := proseFaults(path)
		found = append(found, faults...)
		return err
	})
	require.NoError(t, err)
	require.Empty(t, found, strings.Join(found, "\n"))
}

// proseFaults lists the faults of a file's comments, each with its place.
func proseFaults(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil || ast.IsGenerated(file) {
		return nil, err
	}
	lines := bytes.Split(text, []byte("\n"))
	var faults []string
	for _, group := range file.Comments {
		first, last := files.Position(group.Pos()).Line, files.Position(group.End()).Line
		fault := func(line int, what string) { faults = append(faults, fmt.Sprintf("%s:%d: %s", path, line, what)) }
		for line := first; line <= last; line++ {
			columns := len(bytes.ReplaceAll(lines[line-1], []byte("\t"), []byte("    ")))
			if columns > maxCommentColumns && !bytes.HasPrefix(lines[line-1], []byte("//go:")) {
				fault(line, fmt.Sprintf("%d columns", columns))
			}
		}
		for _, sentence := range sentences(group.Text()) {
			if words := len(strings.Fields(sentence)); words > maxSentenceWords {
				fault(first, fmt.Sprintf("%d words: %.60s…", words, strings.Join(strings.Fields(sentence), " ")))
			}
			for _, phrase := range unplain.FindAllString(sentence, -1) {
				fault(first, strconv.Quote(phrase))
			}
		}
	}
	return faults, nil
}

// sentenceEnd ends a sentence: a stop before a space, a paragraph, or a list.
var sentenceEnd = regexp.MustCompile(`[.:;?!]\s|\n\s*\n|\n\s*[-*]\s|\n\t`)

func sentences(comment string) []string { return sentenceEnd.Split(comment, -1) }

// TestProseFaults: the test above finds what it is for.
func TestProseFaults(t *testing.T) {
	for name, c := range map[string]struct {
		source string
		want   []string
	}{
		"plain":       {"// add adds a row. It returns the row's group.\nfunc add() {}", nil},
		"no actor":    {"// add is for who adds rows.\nfunc add() {}", []string{`"for who"`}},
		"a long line": {"func add() {} // " + strings.Repeat("x", 120), []string{"137 columns"}},
		"a long sentence": {"// add" + strings.Repeat(" a\n// b", 16) + ".\nfunc add() {}",
			[]string{"33 words: add a b a b a"}},
		"two sentences": {"// add" + strings.Repeat(" a", 25) + ".\n// It returns" + strings.Repeat(" b", 25) + ".\nfunc add() {}", nil},
		"text":          {"var s = \"nobody tells\"", nil},
		"a directive":   {"//go:generate " + strings.Repeat("x", 120) + "\nfunc add() {}", nil},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.go")
			require.NoError(t, os.WriteFile(path, []byte("package a\n\n"+c.source+"\n"), 0o600))
			faults, err := proseFaults(path)
			require.NoError(t, err)
			require.Len(t, faults, len(c.want), faults)
			for i, fault := range faults {
				require.Contains(t, fault, c.want[i])
			}
		})
	}
}
