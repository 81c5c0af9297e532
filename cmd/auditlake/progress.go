package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/auditlake/auditlake/engine/remote"
)

const progressInterval = 200 * time.Millisecond

// ticker redraws one line on a terminal until it is stopped.
type ticker struct {
	w    io.Writer
	line func() string
	done chan struct{}
	gone sync.WaitGroup
	once sync.Once
}

// startTicker draws line to w from time to time; nothing when w is no terminal.
func startTicker(w io.Writer, line func() string) (stop func()) {
	if !terminal(w) {
		return func() {}
	}
	t := &ticker{w: w, line: line, done: make(chan struct{})}
	t.gone.Add(1)
	go t.run()
	return t.stop
}

func (t *ticker) run() {
	defer t.gone.Done()
	tick := time.NewTicker(progressInterval)
	defer tick.Stop()
	for {
		select {
		case <-t.done:
			fmt.Fprint(t.w, "\r\x1b[K")
			return
		case <-tick.C:
			fmt.Fprint(t.w, "\r\x1b[K"+t.line())
		}
	}
}

func (t *ticker) stop() {
	t.once.Do(func() { close(t.done) })
	t.gone.Wait()
}

// queryProgress shows the share of the planned bytes that are scanned.
func (p *program) queryProgress(rows remote.Rows, planned int64) (stop func()) {
	return startTicker(p.err, func() string {
		done := rows.Stats().BytesScanned
		if planned == 0 {
			return "running"
		}
		return fmt.Sprintf("%3d %%  %s of %s", min(100, done*100/planned), humanBytes(done), humanBytes(planned))
	})
}
