// Command codec measures how fast storage/orc decodes columns, beside pyarrow.orc
// (ORC's C++ reader) over the same file, and prints a Markdown table:
//
//	go run ./bench/codec -python PYTHON
//
// PYTHON is one with pyarrow. Times are CPU nanoseconds a row of one thread, the
// best of -rounds; the two take turns, column by column.
package main

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/auditlake/auditlake/storage/orc"
)

//go:embed peer.py
var peerScript string

func main() {
	python := flag.String("python", os.Getenv("AUDITLAKE_PYTHON"), "Python with pyarrow; empty: no peer")
	rows := flag.Int("rows", 100*orc.RowGroupRows, "rows of the file")
	rounds := flag.Int("rounds", 12, "times each column is read")
	only := flag.String("only", "", "measure this column alone")
	profile := flag.String("profile", "", "write a CPU profile to this file")
	flag.Parse()
	if err := run(*python, *only, *profile, *rows, *rounds); err != nil {
		log.Fatal("codec: ", err)
	}
}

func run(python, only, profile string, rows, rounds int) error {
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(400)
	dir, err := os.MkdirTemp("", "codec")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "columns.orc")
	if err := writeFile(path, rows); err != nil {
		return err
	}
	var peer *peer
	if python != "" {
		if peer, err = startPeer(python, dir, path); err != nil {
			return err
		}
		defer peer.stop()
	}
	if profile != "" {
		file, err := os.Create(profile)
		if err != nil {
			return err
		}
		defer file.Close()
		if err := pprof.StartCPUProfile(file); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	return measure(path, only, peer, rows, rounds)
}

// measure prints a line for each column.
func measure(path, only string, peer *peer, rows, rounds int) error {
	fmt.Println("| column | ours, ns a row | pyarrow.orc | speed, ours / pyarrow |\n|---|---|---|---|")
	for _, column := range columns {
		if only != "" && only != column.name {
			continue
		}
		ours, theirs := time.Duration(1<<62), time.Duration(1<<62)
		for range rounds {
			took, err := readColumn(path, column.name, rows)
			if err != nil {
				return err
			}
			ours = min(ours, took)
			if peer == nil {
				continue
			}
			if took, err = peer.read(column.name); err != nil {
				return err
			}
			theirs = min(theirs, took)
		}
		perRow := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / float64(rows) }
		if peer == nil {
			fmt.Printf("| %s | %.1f | | |\n", column.title, perRow(ours))
			continue
		}
		fmt.Printf("| %s | %.1f | %.1f | %.2f × |\n", column.title, perRow(ours), perRow(theirs), float64(theirs)/float64(ours))
	}
	return nil
}

// readColumn decodes a column once and returns the CPU time.
func readColumn(path, column string, rows int) (time.Duration, error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	before := cpuTime()
	reader, err := orc.Open(file, info.Size(), path)
	if err != nil {
		return 0, err
	}
	read := 0
	for i := range reader.NumStripes() {
		stripe, err := reader.Stripe(i)
		if err != nil {
			return 0, err
		}
		for g := range stripe.Groups() {
			arrays, err := stripe.Read(context.Background(), g, []orc.Path{orc.Column(column)}, nil, nil)
			if err != nil {
				return 0, err
			}
			read += arrays[0].Len()
		}
	}
	took := cpuTime() - before
	if read != rows {
		return 0, fmt.Errorf("read %d rows of %d", read, rows)
	}
	return took, nil
}

// cpuTime is what this process has used, garbage collection included.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		log.Fatal("codec: ", err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// peer is a Python process that reads a column for each line it is given.
type peer struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func startPeer(python, dir, path string) (*peer, error) {
	script := filepath.Join(dir, "peer.py")
	if err := os.WriteFile(script, []byte(peerScript), 0o600); err != nil {
		return nil, err
	}
	p := &peer{cmd: exec.Command(python, script, path)}
	p.cmd.Stderr = os.Stderr
	in, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.in, p.out = in, bufio.NewReader(out)
	return p, p.cmd.Start()
}

// read returns the CPU time that the peer took for a column.
func (p *peer) read(column string) (time.Duration, error) {
	if _, err := fmt.Fprintln(p.in, column); err != nil {
		return 0, err
	}
	line, err := p.out.ReadString('\n')
	if err != nil {
		return 0, fmt.Errorf("pyarrow: %w", err)
	}
	nanos, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
	return time.Duration(nanos), err
}

func (p *peer) stop() {
	if err := errors.Join(p.in.Close(), p.cmd.Wait()); err != nil {
		log.Print("codec: pyarrow: ", err)
	}
}
