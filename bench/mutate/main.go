// Mutate plants small defects, one at a time, and lists those that no test notices.
//
//	go run ./bench/mutate -seed 1 -n 100 engine storage ingest planner
//
// A defect is a negated condition, a statement left out or a bound off by one, at a place drawn by the seed; the
// folders take turns. The tests of the changed package run first, then those of the packages that import it, nearest
// first. The changed file reaches the compiler as an overlay, so nothing is written to the module. Run it in a clone
// of its own to learn what the repository's own tests notice. Defects that do not compile are not counted.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	log.SetFlags(0)
	seed := flag.Uint64("seed", 1, "where defects are planted")
	count := flag.Int("n", 100, "how many defects")
	after := flag.String("after", "", "what an earlier run of this seed printed: its defects count and are not tried again")
	reached := flag.String("profiles", "", "folder of coverage profiles, one of each package's tests (a_b.out of a/b, of -coverpkg=./...):\n"+
		"tests that do not reach a place are not run")
	timeout := flag.Duration("timeout", 3*time.Minute, "of one package's tests; passing it counts as noticed")
	budget := flag.Duration("dependents", 5*time.Minute, "for the tests of importing packages, all together")
	short := flag.Bool("short", false, "run the tests with -short")
	flag.Parse()
	if flag.NArg() == 0 {
		log.Fatal("usage: mutate [flags] FOLDER…")
	}
	r := &runner{timeout: *timeout, budget: *budget, arguments: []string{"test", "-failfast", "-vet=off"}}
	if *short {
		r.arguments = append(r.arguments, "-short")
	}
	if err := r.run(*seed, *count, *after, *reached, flag.Args()); err != nil {
		log.Fatal(err)
	}
}

type runner struct {
	timeout, budget time.Duration
	arguments       []string              // of the go command, before a test's own
	packages        map[string]*goPackage // by import path
	sound           map[string]bool       // whether a package's tests pass without a defect
	reached         map[string]profile    // by import path of the tests; without one they may reach everything
	before          []string              // lines of an earlier run
	noticed, lived  int
}

// goPackage is what go list says of a package.
type goPackage struct {
	ImportPath, Dir                    string
	GoFiles, TestGoFiles, XTestGoFiles []string
	Imports, TestImports, XTestImports []string
}

func (r *runner) run(seed uint64, count int, after, profiles string, folders []string) error {
	if err := r.list(); err != nil {
		return err
	}
	if err := r.readProfiles(profiles); err != nil {
		return err
	}
	if after != "" {
		text, err := os.ReadFile(after)
		if err != nil {
			return err
		}
		r.before = strings.Split(string(text), "\n")
	}
	r.sound = map[string]bool{}
	random := rand.New(rand.NewPCG(seed, 0))
	queues := make([][]site, len(folders))
	for i, folder := range folders {
		sites, err := r.sitesBelow(folder)
		if err != nil {
			return err
		}
		random.Shuffle(len(sites), func(a, b int) { sites[a], sites[b] = sites[b], sites[a] })
		fmt.Printf("%s: %d places\n", folder, len(sites))
		queues[i] = sites
	}
	for turn := 0; r.noticed+r.lived < count; turn++ {
		if !slices.ContainsFunc(queues, func(q []site) bool { return len(q) > 0 }) {
			break
		}
		queue := &queues[turn%len(queues)]
		for len(*queue) > 0 {
			next := (*queue)[0]
			*queue = (*queue)[1:]
			tried, err := r.try(next)
			if err != nil {
				return err
			}
			if tried {
				break
			}
		}
	}
	fmt.Printf("%d of %d defects noticed, %d lived\n", r.noticed, r.noticed+r.lived, r.lived)
	return nil
}

func (r *runner) list() error {
	text, err := exec.Command("go", "list", "-json=ImportPath,Dir,GoFiles,TestGoFiles,XTestGoFiles,Imports,TestImports,XTestImports", "./...").Output()
	if err != nil {
		return fmt.Errorf("go list: %w", err)
	}
	r.packages = map[string]*goPackage{}
	for d := json.NewDecoder(strings.NewReader(string(text))); d.More(); {
		var p goPackage
		if err := d.Decode(&p); err != nil {
			return err
		}
		r.packages[p.ImportPath] = &p
	}
	return nil
}

func (r *runner) sitesBelow(folder string) ([]site, error) {
	root, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	var sites []site
	for _, p := range r.packages {
		if p.Dir != root && !strings.HasPrefix(p.Dir, root+string(filepath.Separator)) || strings.Contains(p.Dir, "enginetest") {
			continue
		}
		for _, name := range p.GoFiles {
			found, err := sitesOf(p.ImportPath, filepath.Join(p.Dir, name))
			if err != nil {
				return nil, err
			}
			sites = append(sites, found...)
		}
	}
	slices.SortFunc(sites, func(a, b site) int { // maps have no order, a seed must mean the same each time
		return strings.Compare(fmt.Sprintf("%s:%09d:%s", a.file, a.from, a.to), fmt.Sprintf("%s:%09d:%s", b.file, b.from, b.to))
	})
	return sites, nil
}

// try plants a defect and runs tests until one fails. It returns false for a defect that does not compile.
func (r *runner) try(s site) (bool, error) {
	if r.triedBefore(s) {
		return true, nil
	}
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(dir)
	overlay, err := s.overlay(dir)
	if err != nil {
		return false, err
	}
	if exec.Command("go", "build", "-overlay", overlay, s.pkg).Run() != nil {
		return false, nil
	}
	var spent time.Duration // by dependents
	for i, pkg := range r.testsFor(s.pkg) {
		if spent > r.budget {
			break
		}
		if !r.reach(pkg, s) || !r.isSound(pkg) {
			continue
		}
		began := time.Now()
		if failed, how := r.fails(pkg, "-overlay", overlay); failed {
			r.noticed++
			fmt.Printf("noticed  %s by %s (%s)\n", s, pkg, how)
			return true, nil
		}
		if i > 0 {
			spent += time.Since(began)
		}
	}
	r.lived++
	fmt.Printf("LIVED    %s\n", s)
	return true, nil
}

// triedBefore counts a defect of an earlier run and reports whether it is one.
func (r *runner) triedBefore(s site) bool {
	for _, line := range r.before {
		switch {
		case strings.HasPrefix(line, "noticed  "+s.String()+" by "):
			r.noticed++
		case line == "LIVED    "+s.String():
			r.lived++
		default:
			continue
		}
		fmt.Println(line)
		return true
	}
	return false
}

// isSound reports whether a package has tests and they pass without a defect: otherwise a failure says nothing.
func (r *runner) isSound(pkg string) bool {
	sound, known := r.sound[pkg]
	if !known {
		p := r.packages[pkg]
		if len(p.TestGoFiles)+len(p.XTestGoFiles) > 0 {
			failed, how := r.fails(pkg)
			if sound = !failed; failed {
				fmt.Printf("left out %s: its tests fail without a defect (%s)\n", pkg, how)
			}
		}
		r.sound[pkg] = sound
	}
	return sound
}

// fails runs a package's tests.
func (r *runner) fails(pkg string, arguments ...string) (failed bool, how string) {
	ctx, cancel := context.WithTimeout(context.Background(), r.timeout)
	defer cancel()
	test := exec.CommandContext(ctx, "go", append(slices.Concat(r.arguments, arguments), pkg)...)
	test.WaitDelay = 10 * time.Second
	out, err := test.CombinedOutput()
	switch {
	case err == nil:
		return false, ""
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return true, "time"
	}
	for line := range strings.Lines(string(out)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "--- FAIL: "); ok {
			return true, strings.Fields(name)[0]
		}
		if strings.HasPrefix(line, "panic:") {
			return true, "panic"
		}
	}
	return true, "failed"
}

// testsFor returns a package and those that import it, by the length of the way there.
func (r *runner) testsFor(pkg string) []string {
	order := []string{pkg}
	for i := 0; i < len(order); i++ {
		var next []string
		for path, p := range r.packages {
			imports := p.Imports
			if i == 0 { // tests of a package that imports it only there
				imports = slices.Concat(imports, p.TestImports, p.XTestImports)
			}
			if slices.Contains(imports, order[i]) && !slices.Contains(order, path) {
				next = append(next, path)
			}
		}
		slices.Sort(next)
		order = append(order, next...)
	}
	return order
}
