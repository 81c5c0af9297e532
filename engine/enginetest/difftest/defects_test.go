package difftest

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// defect is a change of one place of a file that makes answers wrong.
type defect struct {
	area, name string
	file       string // from the module's folder
	old, new   string
}

// moduleFolder is the module's folder from this one.
const moduleFolder = "../../.."

// defects reads testdata/defects.txt.
func defects(t *testing.T) []defect {
	text, err := os.ReadFile("testdata/defects.txt")
	require.NoError(t, err)
	var list []defect
	for part := range strings.SplitSeq("\n"+string(text), "\n== ") {
		if strings.HasPrefix(strings.TrimSpace(part), "#") {
			continue
		}
		lines := strings.Split(strings.TrimSuffix(part, "\n"), "\n")
		area, name, ok := strings.Cut(lines[0], ": ")
		require.True(t, ok, part)
		d := defect{area: area, name: name, file: lines[1]}
		for _, line := range lines[2:] {
			switch {
			case strings.HasPrefix(line, "-"):
				d.old += line[1:] + "\n"
			case strings.HasPrefix(line, "+"):
				d.new += line[1:] + "\n"
			default:
				require.Empty(t, line, part)
			}
		}
		d.old, d.new = strings.TrimSuffix(d.old, "\n"), strings.TrimSuffix(d.new, "\n")
		list = append(list, d)
	}
	return list
}

// planted is the defect's file with the defect in it.
func (d defect) planted(t *testing.T) string {
	text, err := os.ReadFile(filepath.Join(moduleFolder, d.file))
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(text), d.old), "%s: %s: the text to change stands in %s once", d.area, d.name, d.file)
	return strings.Replace(string(text), d.old, d.new, 1)
}

// TestDefectsFit: the list of defects is one of the code as it is.
func TestDefectsFit(t *testing.T) {
	areas := map[string]int{}
	for _, d := range defects(t) {
		require.NotEqual(t, d.planted(t), d.old)
		areas[d.area]++
	}
	require.Equal(t, map[string]int{"kernels": 10, "pruning": 10, "joins": 10, "windows": 10, "names": 10}, areas)
}

// wantedDefects is how many of the defects the random questions must find.
const wantedDefects = 45

// TestPlantedDefects plants one defect after the other and has the random
// questions look for it, AUDITLAKE_DEFECT_SECONDS for each kind of questions at
// most. AUDITLAKE_DEFECT plants only those of which the name holds a text.
func TestPlantedDefects(t *testing.T) {
	seconds, err := strconv.Atoi(envOr("AUDITLAKE_DEFECT_SECONDS", "0"))
	require.NoError(t, err)
	if seconds == 0 {
		t.Skip("AUDITLAKE_DEFECT_SECONDS is not set; see make soak")
	}
	all := defects(t)
	program := build(t, all)
	require.Empty(t, findDefect(t, program, 0, 1, ""), "without a defect nothing is found")
	only := os.Getenv("AUDITLAKE_DEFECT")
	found, planted := 0, 0
	for i, d := range all {
		if !strings.Contains(d.area+": "+d.name, only) {
			continue
		}
		planted++
		start := time.Now()
		by := findDefect(t, program, i+1, min(3, seconds), d.area)
		if by == "" {
			by = findDefect(t, program, i+1, seconds, d.area)
		}
		if by == "" {
			t.Logf("NOT FOUND  %s: %s", d.area, d.name)
			continue
		}
		found++
		t.Logf("found in %3.0f s by %s  %s: %s", time.Since(start).Seconds(), by, d.area, d.name)
	}
	t.Logf("%d of %d defects found", found, planted)
	if only == "" {
		require.GreaterOrEqual(t, found, wantedDefects)
	}
}

// build compiles these tests with all defects in a copy of the files that they
// change: AUDITLAKE_PLANTED, a number from 1, chooses one when the program starts.
func build(t *testing.T, all []defect) string {
	folder := t.TempDir()
	replace := map[string]string{}
	put := func(file, text string) {
		original, err := filepath.Abs(filepath.Join(moduleFolder, file))
		require.NoError(t, err)
		if replace[original] == "" {
			replace[original] = filepath.Join(folder, fmt.Sprint(len(replace), ".go"))
			require.NoError(t, os.WriteFile(replace[original], []byte(text), 0o600))
		}
	}
	for _, d := range all {
		put(filepath.Join(filepath.Dir(d.file), "planted_defect.go"), fmt.Sprintf(plantedDefect, filepath.Base(filepath.Dir(d.file))))
		put(d.file, withSwitches(t, d.file, all))
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(t, err)
	overlay, program := filepath.Join(folder, "overlay.json"), filepath.Join(folder, "difftest")
	require.NoError(t, os.WriteFile(overlay, text, 0o600))
	out, err := exec.Command("go", "test", "-vet=off", "-c", "-overlay", overlay, "-o", program, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return program
}

// plantedDefect is what a package with defects gets besides.
const plantedDefect = `package %s

import (
	"os"
	"strconv"
)

var plantedDefect, _ = strconv.Atoi(os.Getenv("AUDITLAKE_PLANTED"))
`

// withSwitches is a file in which each function that has defects begins with
// copies of itself, one with each, of which the one that is planted runs.
func withSwitches(t *testing.T, file string, all []defect) string {
	source, err := os.ReadFile(filepath.Join(moduleFolder, file))
	require.NoError(t, err)
	parsed, err := parser.ParseFile(token.NewFileSet(), file, source, parser.SkipObjectResolution)
	require.NoError(t, err)
	text, planted := string(source), 0
	for i := len(parsed.Decls) - 1; i >= 0; i-- { // from the end, so that offsets stay
		f, ok := parsed.Decls[i].(*ast.FuncDecl)
		if !ok {
			continue
		}
		from, to := int(f.Body.Lbrace-parsed.FileStart)+1, int(f.Body.Rbrace-parsed.FileStart)
		body, switches := string(source[from:to]), ""
		for n, d := range all {
			if d.file != file || !strings.Contains(body, d.old) {
				continue
			}
			planted++
			switches += fmt.Sprintf("\n\tif plantedDefect == %d {%s", n+1, strings.Replace(body, d.old, d.new, 1))
			if f.Type.Results == nil {
				switches += "\treturn\n"
			}
			switches += "\t}\n"
		}
		text = text[:from] + switches + text[from:]
	}
	wanted := 0
	for _, d := range all {
		wanted += map[bool]int{true: 1}[d.file == file]
	}
	require.Equal(t, wanted, planted, "each defect of %s stands inside of a function", file)
	return text
}

// likelyTests are where defects of an area are looked for first.
var likelyTests = map[string][]string{"kernels": {"TestRandomExpressions"}, "pruning": {"TestRandomEvents"}, "names": {"TestRandomNames"},
	"joins": {"TestRandomClauses"}, "windows": {"TestRandomClauses"}}

// findDefect is the test that fails with a defect, empty for none.
func findDefect(t *testing.T, program string, number, seconds int, area string) string {
	tests := append([]string{}, likelyTests[area]...)
	for _, test := range []string{"TestRandomClauses", "TestRandomQueries", "TestRandomExpressions", "TestRandomEvents", "TestRandomNames", "TestPartitionsOfQueries"} {
		if !slices.Contains(tests, test) {
			tests = append(tests, test)
		}
	}
	for _, test := range tests {
		run := exec.Command(program, "-test.run", "^"+test+"$", "-test.timeout", "0")
		run.Env = append(os.Environ(), fmt.Sprint("AUDITLAKE_PLANTED=", number), fmt.Sprint("AUDITLAKE_DIFF_SECONDS=", seconds),
			fmt.Sprint("AUDITLAKE_SEED=", 1+seconds*1_000_000))
		if out, err := run.CombinedOutput(); err != nil {
			require.Contains(t, string(out), "--- FAIL: "+test)
			return test
		}
	}
	return ""
}
