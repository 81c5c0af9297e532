package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/bench/process"
	inprocess "github.com/auditlake/auditlake/internal/process"
)

// shootsAt is a program that serves what is at an URL, and answers statements with seven.
func shootsAt(url string) string {
	return `case $3 in
import) mkdir -p $2 ;;
serve) echo listening on ` + url + ` >&2; exec sleep 1000 ;;
query) printf 'n\n7\n' ;;
esac
`
}

// TestOneShot: both programs are asked in turns, and what one of them cannot answer is in no sum.
func TestOneShot(t *testing.T) {
	served := startServed(t)
	defer served.stop()
	t.Chdir("..")
	b := newBench(t, program(t, shootsAt(served.url)), "")
	b.runs, b.only = 3, regexp.MustCompile("^Q[123]$")
	refuses := `case "$6" in *'GROUP BY eventname'*) echo unknown >&2; exit 1; esac
case "$6" in 'SELECT count(*) FROM main') printf 'n\n8\n'; exit; esac
`
	old := shooter{name: "old", program: program(t, refuses+shootsAt(served.url)), lake: filepath.Join(b.dir, "old")}
	var err error
	text := inprocess.Printed(t, func() {
		err = b.oneShotBeside(old, shooter{name: "this", program: b.program, lake: filepath.Join(b.dir, "this")})
	})
	require.NoError(t, err)
	require.Regexp(t, `(?m)^\| Q1 count\(\*\) \|( [0-9.]+, [0-9.]+ \|){4} \*\*differ\*\* \|$`, text)
	require.Regexp(t, `(?m)^\| Q2 .* the same \|$`, text)
	require.Contains(t, text, "| Q3 top 10 eventName | – | – | – | – | old cannot answer |\n")
	require.Contains(t, text, "| sums of 2 questions | old, ms | this, ms | ÷ |\n")
	require.Contains(t, text, "Not in the sums, as old cannot answer them: Q3.\n")
	require.FileExists(t, b.notePath())

	failing := shooter{name: "this", program: program(t, strings.Replace(shootsAt(served.url), "printf", "exit 1; printf", 1)), lake: filepath.Join(b.dir, "this")}
	inprocess.Printed(t, func() { err = b.oneShotBeside(old, failing) })
	require.ErrorContains(t, err, "Q1: ")
}

// TestNestedValuesOfCommits: rows are the same if only their nested values are written in another way.
func TestNestedValuesOfCommits(t *testing.T) {
	answers := func(says string) shooter { return shooter{program: program(t, "printf '"+says+"'")} }
	for says, same := range map[string]string{
		`id,"user"\n1,"[""a""]"\n`:          "the same",
		`id,"user"\n2,"{""name"":""a""}"\n`: "**differ**",
	} {
		_, _, got, err := shotsInTurns(answers(says), answers(`id,"user"\n1,"{""name"":""a""}"\n`), "", 0)
		require.NoError(t, err)
		require.Equal(t, same, got)
	}
}

// TestShotSums: the sums are those of the least and of the medians.
func TestShotSums(t *testing.T) {
	shots := func(milliseconds ...time.Duration) (out []shot) {
		for _, ms := range milliseconds {
			out = append(out, shot{wall: ms * time.Millisecond, cpu: 2 * ms * time.Millisecond})
		}
		return out
	}
	sums := shotSums{of: [2]string{"old", "this"}}
	text := inprocess.Printed(t, func() {
		sums.printRow(question{ID: "Q1"}, shots(30, 10, 20), shots(5, 7, 6), "the same")
		sums.printRow(question{ID: "Q2"}, shots(40, 40, 40), shots(20, 20, 20), "the same")
		sums.printFoot()
	})
	require.Contains(t, text, "| wall, least | 50.0 | 25.0 | 0.50 |\n| wall, median | 60.0 | 26.0 | 0.43 |\n| CPU, least | 100.0 | 50.0 | 0.50 |\n| CPU, median | 120.0 | 52.0 | 0.43 |\n")
}

// TestBuildCommit: the program of a commit is built, not that of the work tree, and nothing of it stays.
func TestBuildCommit(t *testing.T) {
	repository, work := t.TempDir(), t.TempDir()
	git := func(args ...string) {
		_, _, err := process.Run("", "git", append([]string{"-C", repository, "-c", "user.name=bench", "-c", "user.email=bench@localhost"}, args...)...)
		require.NoError(t, err)
	}
	main := filepath.Join(repository, "cmd", "auditlake", "main.go")
	write := func(says string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(main), 0o700))
		require.NoError(t, os.WriteFile(main, []byte("package main\n\nfunc main() { println(\""+says+"\"); panic(0) }\n"), 0o600))
	}
	require.NoError(t, os.WriteFile(filepath.Join(repository, "go.mod"), []byte("module old\n\ngo 1.26\n"), 0o600))
	write("the commit")
	git("init", "--quiet")
	git("add", ".")
	git("commit", "--quiet", "-m", "old")
	write("the work tree")
	built := filepath.Join(work, "auditlake")
	require.NoError(t, buildCommit(repository, "HEAD", work, built))
	_, _, err := process.Run("", built)
	require.ErrorContains(t, err, "the commit")
	left, err := os.ReadDir(work)
	require.NoError(t, err)
	require.Len(t, left, 1, "the program alone")
	require.Error(t, buildCommit(repository, "nothing", work, built))
}
