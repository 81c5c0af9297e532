package gen

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
)

// Stats says what was made.
type Stats struct {
	Events, Files int64
	// JSONBytes counts the records' text, CompressedBytes the files as stored.
	JSONBytes, CompressedBytes int64
	// First and Last are the times of the earliest and the latest event.
	First, Last time.Time
}

func (s *Stats) add(e Event) {
	s.Events++
	s.JSONBytes += int64(len(e.JSON))
	if s.First.IsZero() || e.Time.Before(s.First) {
		s.First = e.Time
	}
	if e.Time.After(s.Last) {
		s.Last = e.Time
	}
}

// WriteNDJSON writes one record a line.
func WriteNDJSON(w io.Writer, o Options) (Stats, error) {
	var stats Stats
	out := bufio.NewWriterSize(w, 1<<20)
	for e := range Events(o) {
		stats.add(e)
		_, _ = out.Write(e.JSON) // the next write repeats its error
		if err := out.WriteByte('\n'); err != nil {
			return stats, fmt.Errorf("write events: %w", err)
		}
	}
	if err := out.Flush(); err != nil {
		return stats, fmt.Errorf("write events: %w", err)
	}
	return stats, nil
}

// logFile is a whole log file before compression.
type logFile struct {
	path string
	body []byte
}

// Write writes log files under dir, in the folders in which the service keeps them.
func Write(dir string, o Options) (Stats, error) {
	writers := runtime.GOMAXPROCS(0)
	var (
		files      = make(chan logFile)
		spare      = make(chan []byte, writers+1) // bodies of files already written
		wait       sync.WaitGroup
		compressed = make([]int64, writers)
		failures   = make(chan error, writers)
	)
	for i := range writers {
		wait.Go(func() {
			w := fileWriter{dir: dir}
			for f := range files {
				if err := w.write(f); err != nil {
					failures <- err
					return
				}
				spare <- f.body[:0]
			}
			compressed[i] = w.bytes
		})
	}
	for range cap(spare) {
		spare <- nil
	}
	stats, err := produce(o, files, spare, failures)
	close(files)
	wait.Wait()
	if err == nil && len(failures) > 0 {
		err = <-failures
	}
	for _, n := range compressed {
		stats.CompressedBytes += n
	}
	return stats, err
}

// produce hands out the files of the stream until it ends or a writer fails.
func produce(o Options, files chan<- logFile, spare <-chan []byte, failures <-chan error) (Stats, error) {
	var (
		stats Stats
		file  logFile
	)
	send := func() error {
		if file.path == "" {
			return nil
		}
		stats.Files++
		file.body = append(file.body, "]}"...)
		select {
		case files <- file:
			return nil
		case err := <-failures:
			return err
		}
	}
	for e := range Events(o) {
		stats.add(e)
		if e.File == file.path {
			file.body = append(append(file.body, ','), e.JSON...)
			continue
		}
		if err := send(); err != nil {
			return stats, err
		}
		file = logFile{e.File, append(append(<-spare, `{"Records":[`...), e.JSON...)}
	}
	return stats, send()
}

// fileWriter compresses and stores files, one after the other.
type fileWriter struct {
	dir   string
	zip   *gzip.Writer
	bytes int64
}

func (w *fileWriter) write(f logFile) (err error) {
	path := filepath.Join(w.dir, filepath.FromSlash(f.path))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("write log file: %w", err)
	}
	out, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write log file: %w", err)
	}
	defer func() {
		if closeErr := out.Close(); err == nil && closeErr != nil {
			err = fmt.Errorf("write log file: %w", closeErr)
		}
	}()
	counted := &counter{w: out}
	if w.zip == nil {
		w.zip = gzip.NewWriter(counted)
	} else {
		w.zip.Reset(counted)
	}
	w.zip.ModTime = time.Unix(0, 0) // stands for none
	if _, err := w.zip.Write(f.body); err != nil {
		return fmt.Errorf("compress %s: %w", path, err)
	}
	if err := w.zip.Close(); err != nil {
		return fmt.Errorf("compress %s: %w", path, err)
	}
	w.bytes += counted.n
	return nil
}

// counter counts the bytes it passes on.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
