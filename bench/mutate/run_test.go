package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/process"
)

// module writes a module of three packages and makes it the working folder: low is half tested by itself, its rest by
// high; the tests of broken fail always.
func module(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"go.mod":                "module m\n\ngo 1.24\n",
		"low/low.go":            "package low\n\nfunc Own(a int) int {\n\tif a == 0 {\n\t\ta = 5\n\t}\n\treturn a\n}\n\nfunc ByHigh(a int) int {\n\ta += 2\n\treturn a\n}\n\nfunc ByNone(a int) int {\n\ta += 3\n\treturn a\n}\n",
		"low/low_test.go":       "package low\n\nimport \"testing\"\n\nfunc TestOwn(t *testing.T) {\n\tif Own(0) != 5 || Own(1) != 1 {\n\t\tt.Fatal()\n\t}\n}\n",
		"high/high.go":          "package high\n\nimport \"m/low\"\n\nvar High = low.ByHigh\n",
		"high/high_test.go":     "package high\n\nimport \"testing\"\n\nfunc TestHigh(t *testing.T) {\n\tif High(1) != 3 {\n\t\tpanic(\"no\")\n\t}\n}\n",
		"broken/broken.go":      "package broken\n\nimport \"m/low\"\n\nvar Broken = low.Own\n",
		"broken/broken_test.go": "package broken\n\nimport \"testing\"\n\nfunc TestBroken(t *testing.T) { t.Fatal() }\n",
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o700))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	}
	t.Setenv("GOFLAGS", "")
	t.Setenv("GOWORK", "off")
}

func newRunner() *runner {
	return &runner{timeout: time.Minute, budget: time.Minute, arguments: []string{"test", "-failfast", "-vet=off"}}
}

func TestRun(t *testing.T) {
	module(t)
	var err error
	text := process.Printed(t, func() { err = newRunner().run(1, 100, "", "", []string{"low"}) })
	require.NoError(t, err)
	require.Contains(t, text, `low/low.go:4 negated: "a == 0" => "!(a == 0)" by m/low (TestOwn)`)
	require.Contains(t, text, `low/low.go:5 left out: "a = 5" => "" by m/low (TestOwn)`)
	require.Contains(t, text, `low/low.go:11 left out: "a += 2" => "" by m/high (`)
	require.Regexp(t, `(?m)^LIVED    .*low/low.go:16 left out: "a \+= 3" => ""$`, text)
	require.Contains(t, text, "left out m/broken: its tests fail without a defect (TestBroken)")
	require.True(t, strings.HasSuffix(text, "3 of 4 defects noticed, 1 lived\n"), text)
}

// TestRunAfterAnother: what an earlier run has tried is counted and not tried again.
func TestRunAfterAnother(t *testing.T) {
	module(t)
	first := process.Printed(t, func() { require.NoError(t, newRunner().run(2, 2, "", "", []string{"low"})) })
	require.NoError(t, os.WriteFile("log", []byte(first), 0o600))
	again := newRunner()
	again.arguments = []string{"nothing is run"}
	require.Equal(t, first, process.Printed(t, func() { require.NoError(t, again.run(2, 2, "log", "", []string{"low"})) }))
	require.ErrorIs(t, again.run(2, 2, "absent", "", []string{"low"}), os.ErrNotExist)
}

// TestTestsThatDoNotReachAPlaceAreNotRun: a profile of high's tests that has no block of low says that they notice nothing there.
func TestTestsThatDoNotReachAPlaceAreNotRun(t *testing.T) {
	module(t)
	profiles := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(profiles, "m_high.out"), []byte("mode: set\nm/low/low.go:10.1,13.2 2 0\nm/low/low.go:3.1,5.2 1 1\n"), 0o600))
	text := process.Printed(t, func() { require.NoError(t, newRunner().run(1, 100, "", profiles, []string{"low"})) })
	require.Contains(t, text, "2 of 4 defects noticed, 2 lived")

	require.NoError(t, os.WriteFile(filepath.Join(profiles, "m_high.out"), []byte("mode: set\nno block\n"), 0o600))
	require.ErrorContains(t, newRunner().run(1, 100, "", profiles, []string{"low"}), "profile of m/high")
}

// TestTimeCountsAsNoticed: a defect may make a program run for ever.
func TestTimeCountsAsNoticed(t *testing.T) {
	module(t)
	r := newRunner()
	r.timeout = time.Nanosecond
	failed, how := r.fails("m/low")
	require.True(t, failed)
	require.Equal(t, "time", how)
}

func TestRunRefuses(t *testing.T) {
	module(t)
	require.NoError(t, os.WriteFile("low/low.go", []byte("package low\n\nfunc {"), 0o600))
	require.ErrorContains(t, newRunner().run(1, 1, "", "", []string{"low"}), "low.go:3")
	require.NoError(t, os.Remove("go.mod"))
	require.ErrorContains(t, newRunner().run(1, 1, "", "", []string{"low"}), "go list")
}
