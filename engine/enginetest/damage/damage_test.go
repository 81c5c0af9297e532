package damage

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	damagesInCI = 120
	// damagesPerWorker bounds what a worker process does before another one takes over.
	damagesPerWorker = 100
	workerVariable   = "AUDITLAKE_DAMAGE_WORKER"
)

func number(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, name)
	return n
}

// Whatever happens to one file of a lake, the answers are right or an error names the file, no process ends by itself
// and no file is gone. AUDITLAKE_DAMAGES is how many damages are tried, AUDITLAKE_SEED another run, and
// AUDITLAKE_DAMAGE the number of one of the run, to be tried alone. AUDITLAKE_DAMAGE_KINDS is a pattern for the kinds of
// files that are damaged.
func TestDamages(t *testing.T) {
	if os.Getenv(workerVariable) != "" {
		t.Skip("this is a worker")
	}
	damages := number(t, "AUDITLAKE_DAMAGES", damagesInCI)
	if testing.Short() {
		damages = min(damages, 8)
	}
	first := 0
	if only := number(t, "AUDITLAKE_DAMAGE", -1); only >= 0 {
		first, damages = only, only+1
	}
	dir, err := Folder()
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	require.NoError(t, Build(context.Background(), dir))
	t.Run("none", func(t *testing.T) { tryNothing(t, dir) })
	t.Run("segments", func(t *testing.T) { trySegments(t, dir) })
	run := &run{t: t, dir: dir, seed: number(t, "AUDITLAKE_SEED", 1), next: first, end: damages, tried: map[string]int{}}
	var workers sync.WaitGroup
	for range 2 {
		workers.Go(run.work)
	}
	workers.Wait()
	for _, kind := range slices.Sorted(maps.Keys(run.tried)) {
		t.Logf("%4d %s", run.tried[kind], kind)
	}
	t.Logf("%d damages, seed %d", damages-first, run.seed)
}

// tryNothing finds nothing wrong with a lake that is as it was, and with further work on it; of one that is gone it says so.
func tryNothing(t *testing.T, dir string) {
	lakes, err := Read(t.Context(), dir)
	require.NoError(t, err)
	folder := filepath.Join(dir, "tried-nothing")
	none := &Damage{Lake: lakes[0].Name, What: "zero", Kind: "log", Files: []string{"none"}}
	require.Equal(t, lakes[0].Name+": zero log none at 0", none.String())
	require.NoError(t, lakes[0].Restore(folder))
	require.Empty(t, lakes[0].Try(t.Context(), none, folder, true))

	require.NoError(t, os.RemoveAll(folder))
	require.Equal(t, []string{"opening: an error that does not name the file: no lake here: " + folder}, lakes[0].Try(t.Context(), none, folder, true))
	require.Contains(t, strings.Join(lakes[0].goOn(t.Context(), none, folder), ""), "opening again: no lake here")
}

// trySegments damages segments and tables in this process: what is read of them is checked, so that it goes on.
func trySegments(t *testing.T, dir string) {
	lakes, err := Read(t.Context(), dir)
	require.NoError(t, err)
	folder := filepath.Join(dir, "tried-segments")
	tried := map[string]bool{}
	for n := range 12 {
		r := rand.New(rand.NewPCG(5, uint64(n)))
		d, err := lakes[n%len(lakes)].Damage(r, folder, regexp.MustCompile("^(segment|table)$"))
		require.NoError(t, err)
		require.NotNil(t, d)
		require.Empty(t, lakes[n%len(lakes)].Try(t.Context(), d, folder, false), d.String())
		require.NoError(t, os.RemoveAll(folder))
		tried[d.What] = true
	}
	require.Greater(t, len(tried), 2, "%v", tried)
}

// run hands out damages to worker processes: a damaged file may end the process that opens it.
type run struct {
	t    *testing.T
	dir  string
	seed int

	mu    sync.Mutex
	next  int            // mu
	end   int            // mu
	tried map[string]int // mu: by lake, damage and kind of file
}

func (r *run) work() {
	for {
		r.mu.Lock()
		from := r.next
		to := min(r.end, from+damagesPerWorker)
		r.next = to
		r.mu.Unlock()
		for from < to {
			from = r.workOn(from, to)
		}
		if to == r.end {
			return
		}
	}
}

// workOn tries damages in a process of its own, and returns where to go on.
func (r *run) workOn(from, to int) int {
	cmd := exec.Command(os.Args[0], "-test.run", "^TestWorker$", "-test.timeout", "0", "-test.v") //nolint:gosec // this program
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s:%d:%d:%d", workerVariable, r.dir, r.seed, from, to))
	var told strings.Builder
	cmd.Stderr = &told
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		r.t.Error(err)
		return to
	}
	at, last, rest := from, "", ""
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		if text, ok := strings.CutPrefix(line, "trying "); ok {
			fields := strings.Split(text, "\t")
			last, rest = fields[0]+" "+fields[2], ""
			if n, err := strconv.Atoi(fields[0]); err == nil {
				at = n + 1
			}
			r.mu.Lock()
			r.tried[fields[1]]++
			r.mu.Unlock()
		} else if text, ok := strings.CutPrefix(line, "found "); ok {
			r.t.Errorf("damage %s: %s", last, text)
		} else {
			rest += line + "\n"
		}
	}
	_, _ = io.Copy(io.Discard, out)
	if err := cmd.Wait(); err != nil {
		r.t.Errorf("damage %s: the process ended: %v\n%.3000s%.2000s", last, err, told.String(), rest)
		return max(at, from+1)
	}
	return to
}

// TestWorker tries damages for TestDamages.
func TestWorker(t *testing.T) {
	work := strings.Split(os.Getenv(workerVariable), ":")
	if len(work) < 4 {
		t.Skip("TestDamages runs it")
	}
	var numbers []int
	for _, text := range work[len(work)-3:] {
		n, err := strconv.Atoi(text)
		require.NoError(t, err)
		numbers = append(numbers, n)
	}
	seed, from, to := numbers[0], numbers[1], numbers[2]
	dir := strings.Join(work[:len(work)-3], ":")
	ctx := context.Background()
	lakes, err := Read(ctx, dir)
	require.NoError(t, err)
	match := regexp.MustCompile(os.Getenv("AUDITLAKE_DAMAGE_KINDS"))
	folder := filepath.Join(dir, fmt.Sprint("tried-", os.Getpid()))
	for n := from; n < to; n++ {
		r := rand.New(rand.NewPCG(uint64(seed), uint64(n)))
		lake := lakes[r.IntN(len(lakes))]
		d, err := lake.Damage(r, folder, match)
		require.NoError(t, err)
		if d == nil { // the lake has no such file
			continue
		}
		fmt.Printf("trying %d\t%s\t%s\n", n, d.Kind, d)
		for _, finding := range lake.Try(ctx, d, folder, r.IntN(4) == 0) {
			fmt.Printf("found %s\n", strings.ReplaceAll(finding, "\n", " "))
		}
		require.NoError(t, os.RemoveAll(folder))
	}
}

// The judge finds what the lakes must not do.
func TestJudge(t *testing.T) {
	lake := &Lake{Name: "l", want: []string{"n\n1\n"}, files: map[string]*file{"stores/s/a.orc": {bytes: 1}}}
	d := &Damage{What: "cut", Kind: "segment", Files: []string{"stores/s/a.orc"}}
	named := errors.New("damaged file /lake/stores/s/a.orc: cut")
	for _, tt := range []struct {
		name  string
		found *Found
		want  string // of the finding, empty: none
	}{
		{"right and found by verify", &Found{answers: []string{"n\n1\n"}, errs: []error{nil}, problems: []error{named}}, ""},
		{"right and not found", &Found{answers: []string{"n\n1\n"}, errs: []error{nil}}, "verify does not name"},
		{"wrong", &Found{answers: []string{"n\n0\n"}, errs: []error{nil}, problems: []error{named}}, "wrong answer"},
		{"named", &Found{answers: []string{""}, errs: []error{named}}, ""},
		{"not named", &Found{answers: []string{""}, errs: []error{errors.New("end of file")}, problems: []error{named}}, "does not name the file"},
		{"opening", &Found{opening: named}, ""},
		{"opening, not named", &Found{opening: errors.New("no")}, "opening"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			findings := lake.Judge(d, tt.found)
			if tt.want == "" {
				require.Empty(t, findings)
				return
			}
			require.True(t, slices.ContainsFunc(findings, func(f string) bool { return strings.Contains(f, tt.want) }), "%v", findings)
		})
	}
	sum := [32]byte{1}
	require.NotEmpty(t, gone(d, map[string][32]byte{"stores/s/b.orc": sum}, nil))
	require.Empty(t, gone(d, map[string][32]byte{"stores/s/b.orc": sum}, map[string][32]byte{"stores/s/orphaned/b.orc": sum}))
}

// TestFoldersThatCannotBe: lakes that cannot be built, read, restored or copied are errors.
func TestFoldersThatCannotBe(t *testing.T) {
	dir := t.TempDir()
	occupied := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(occupied, nil, 0o600))
	inside := filepath.Join(occupied, "lake")
	l := &Lake{files: map[string]*file{"stores/s/a.orc": {bytes: 3, pages: []page{{0, []byte("abc")}}}}}
	require.ErrorContains(t, Build(t.Context(), inside), "lake closed: ")
	_, err := Read(t.Context(), inside)
	require.Error(t, err)
	require.Error(t, l.Restore(inside))
	_, err = l.Damage(rand.New(rand.NewPCG(1, 1)), inside, regexp.MustCompile(""))
	require.Error(t, err)
	require.ErrorContains(t, copyFolder(filepath.Join(dir, "absent"), filepath.Join(dir, "to")), "does not come to rest")
	require.Error(t, copyFolder(inside, filepath.Join(dir, "to")))

	none, err := l.Damage(rand.New(rand.NewPCG(1, 1)), filepath.Join(dir, "to"), regexp.MustCompile("table"))
	require.NoError(t, err)
	require.Nil(t, none, "the lake has no table")
	require.Equal(t, "1 lines instead of 2", firstDifference("a\nb", "a"))
	require.Contains(t, firstDifference("a\nb", "a\nc"), "line 1 of 2: c, want b of 2")
}

// TestProgramThatCrashes: a program that ends with a stack is a finding, and what it printed before is no answer.
func TestProgramThatCrashes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no shell")
	}
	program := filepath.Join(t.TempDir(), "program")
	script := "#!/bin/sh\ncase \"$3\" in\nquery) echo '\"7\"'; echo 'goroutine 1 [running]: /x/a.orc' >&2; exit 2;;\nesac\necho 'PROBLEM a.orc: it is gone'\nexit 1\n"
	require.NoError(t, os.WriteFile(program, []byte(script), 0o700))
	f := AskProgram(t.Context(), program, t.TempDir())
	require.Len(t, f.errs, len(Questions))
	for i, err := range f.errs {
		require.ErrorContains(t, err, "the process ended: goroutine 1")
		require.NotContains(t, err.Error(), "/", "no file is named")
		require.Empty(t, f.answers[i])
	}
	require.Len(t, f.problems, 1)
	require.EqualError(t, f.problems[0], "a.orc: it is gone")
	require.NoError(t, f.verify, "it has said what is wrong")
}

// TestOlderFiles: a file of an earlier time comes back, of the kind that is asked for if there is one.
func TestOlderFiles(t *testing.T) {
	old := &file{bytes: 3, pages: []page{{0, []byte("old")}}}
	same := &file{bytes: 4, pages: []page{{0, []byte("same")}}}
	l := &Lake{
		files: map[string]*file{"stores/s/a.orc": {bytes: 3, pages: []page{{0, []byte("new")}}}, "stores/s/b.orc": same},
		older: map[string]*file{"stores/s/a.orc": old, "stores/s/b.orc": same},
	}
	for _, kind := range []string{"segment", "table"} {
		dir := filepath.Join(t.TempDir(), "lake")
		require.NoError(t, l.Restore(dir))
		d := &Damage{What: "older", Kind: kind}
		require.NoError(t, l.putOlder(rand.New(rand.NewPCG(1, 1)), d, dir))
		require.Equal(t, "segment", d.Kind)
		require.Equal(t, []string{"stores/s/a.orc"}, d.Files)
		content, err := os.ReadFile(filepath.Join(dir, "stores", "s", "a.orc"))
		require.NoError(t, err)
		require.Equal(t, "old", string(content))
	}
}
