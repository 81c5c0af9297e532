package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/auditlake/auditlake/engine"
)

// service is `auditlake serve`, asked over the Trino protocol as its clients ask.
type service struct {
	command *exec.Cmd
	url     string
}

// startService serves the lake on a free port.
func startService(program, lake string) (*service, error) {
	s := &service{command: exec.Command(program, "--lake", lake, "serve", "--listen", "127.0.0.1:0", "--compact-every", "0", "--expire-every", "0")}
	stderr, err := s.command.StderrPipe()
	if err != nil {
		return nil, err
	}
	s.command.Stdout = s.command.Stderr
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(stderr)
	var said []string
	for lines.Scan() {
		said = append(said, lines.Text())
		if _, address, found := strings.Cut(lines.Text(), "listening on http://"); found {
			s.url = "http://" + strings.TrimRight(strings.Fields(address)[0], ".,;/")
			go io.Copy(io.Discard, stderr)
			return s, nil
		}
	}
	s.stop()
	return nil, fmt.Errorf("serve: %s", strings.Join(said, "\n"))
}

func (s *service) pid() int { return s.command.Process.Pid }

func (s *service) stop() {
	s.command.Process.Signal(syscall.SIGTERM)
	s.command.Wait()
}

func (s *service) ask(sql string) (*answer, error) {
	cpu, err := cpuSeconds(s.pid())
	if err != nil {
		return nil, err
	}
	start := time.Now()
	a := &answer{}
	request, err := http.NewRequest(http.MethodPost, s.url+"/v1/statement", strings.NewReader(sql))
	for next := ""; ; {
		if err != nil {
			return nil, err
		}
		request.Header.Set("X-Trino-User", "bench")
		request.Header.Set("X-Trino-Catalog", "auditlake")
		request.Header.Set("X-Trino-Schema", "default")
		p, err := send(request)
		if err != nil {
			return nil, err
		}
		if p.failure != "" {
			return nil, errors.New(p.failure)
		}
		if a.Names == nil {
			a.Names = p.names
		}
		a.Rows, a.scannedBytes, a.readBytes = append(a.Rows, p.rows...), p.processedBytes, p.readBytes
		if next = p.nextURI; next == "" {
			break
		}
		if request, err = http.NewRequest(http.MethodGet, next, nil); err != nil {
			return nil, err
		}
	}
	a.Seconds = time.Since(start).Seconds()
	after, err := cpuSeconds(s.pid())
	a.CPU = after - cpu
	return a, err
}

func send(request *http.Request) (*page, error) {
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var body strings.Builder
	body.Grow(max(0, int(response.ContentLength)))
	if _, err := io.Copy(&body, response.Body); err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", response.Status, body.String())
	}
	return readPage(body.String())
}

// cpuSeconds is what a process took of the processors so far, in hundredths, as Linux counts.
func cpuSeconds(pid int) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	ticks := 0
	for _, field := range fields[11:13] { // of the user and of the system
		n, err := strconv.Atoi(string(field))
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return float64(ticks) / 100, nil
}

// library is the lake opened in this process.
type library struct{ lake *engine.Lake }

func openLibrary(dir string) (*library, error) {
	lake, err := engine.Open(context.Background(), dir, engine.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	return &library{lake: lake}, nil
}

// ask takes the rows as a program does, without making text of them.
func (l *library) ask(sql string) (*answer, error) {
	start := time.Now()
	rows, err := l.lake.Queries().Query(context.Background(), sql)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	stats := rows.Stats()
	return &answer{Seconds: time.Since(start).Seconds(), scannedBytes: stats.BytesScanned, readBytes: stats.BytesRead}, nil
}

func (l *library) pid() int { return 0 }

func (l *library) stop() { l.lake.Close() }
