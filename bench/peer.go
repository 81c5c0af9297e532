package main

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed asked.py
var askedScript string

// answer is a contender's answer, and what it took.
type answer struct {
	Seconds, CPU float64
	Names        []string
	Rows         [][]any
	Error        string

	scannedBytes, readBytes int64 // ours: what is charged for, and what was read from files
}

// asked answers questions.
type asked interface {
	ask(sql string) (*answer, error)
	pid() int // of the process of its own, 0 if it has none
	stop()
}

// peer is a Python that answers questions in a process of its own.
type peer struct {
	command *exec.Cmd
	stdin   io.WriteCloser
	stdout  *bufio.Reader
}

// startPeer starts a Python with the module of that name, and executes the first statements.
func startPeer(python, module string, first ...string) (*peer, error) {
	p := &peer{command: exec.Command(python, append([]string{"-c", askedScript, module}, first...)...)}
	var err error
	if p.stdin, err = p.command.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	var stderr strings.Builder
	p.command.Stderr = &stderr
	p.stdout = bufio.NewReaderSize(stdout, 1<<20)
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	if line, err := p.stdout.ReadString('\n'); err != nil || line != "ready\n" {
		p.stop()
		return nil, fmt.Errorf("%s: %s%s", module, line, stderr.String())
	}
	return p, nil
}

func (p *peer) ask(sql string) (*answer, error) {
	text, err := json.Marshal(map[string]string{"sql": sql})
	if err != nil {
		return nil, err
	}
	if _, err := p.stdin.Write(append(text, '\n')); err != nil {
		return nil, err
	}
	line, err := p.stdout.ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("the peer's process ended: %w", err)
	}
	var a answer
	if err := json.Unmarshal(line, &a); err != nil {
		return nil, err
	}
	if a.Error != "" {
		return nil, errors.New(a.Error)
	}
	return &a, nil
}

func (p *peer) pid() int { return p.command.Process.Pid }

// stop ends the process; it keeps nothing.
func (p *peer) stop() {
	p.stdin.Close()
	p.command.Wait()
}

// parquet makes the table of the Parquet files for DuckDB.
func (d duck) parquet() string {
	return "CREATE VIEW main AS SELECT * EXCLUDE (eventday) FROM read_parquet(" + quoted(filepath.Join(d.folder, "**", "*.parquet")) + ", hive_partitioning = true)"
}

// native makes DuckDB's own file of the Parquet files, once, and says how it is opened.
func (d duck) native(file string) []string {
	attach := "ATTACH " + quoted(file) + " AS native"
	fill := "CREATE TABLE IF NOT EXISTS native.main AS SELECT * EXCLUDE (eventday) FROM read_parquet(" + quoted(filepath.Join(d.folder, "**", "*.parquet")) + ", hive_partitioning = true) ORDER BY eventtime"
	return []string{attach, fill, "USE native"}
}

// clickHouse makes the same table for ClickHouse.
func (d duck) clickHouse() string {
	return "CREATE VIEW main AS SELECT * FROM file(" + quoted(filepath.Join(d.folder, "**", "*.parquet")) + ", Parquet)"
}
