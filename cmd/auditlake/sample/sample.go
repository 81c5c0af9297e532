// Package sample holds a month of invented log files for a first look at a
// lake: sign-ins, refusals, sessions, and in the middle of the month a break-in.
package sample

import (
	"bytes"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/gzip"
)

//go:generate go run ../../../bench/gen/cmd/gen -seed 9 -events 3000 -days 30 -accounts 4 -per-file 50 -end 2026-01-01 -out logs

//go:embed logs
var logs embed.FS

// Events is the number of events in the sample, Days the days they cover.
const (
	Events = 3000
	Days   = 30
)

// end is when the sample ends as it is stored.
var end = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Files are the log files as stored, under the keys the service gives them.
func Files() fs.FS {
	sub, err := fs.Sub(logs, "logs")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}

// WriteTo writes the log files into dir, with all times moved so that the
// sample covers the Days days before newEnd. Two events keep their distance in time.
func WriteTo(dir string, newEnd time.Time) error {
	by := newEnd.Sub(end).Truncate(time.Second)
	files := Files()
	return fs.WalkDir(files, ".", func(key string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		stored, err := fs.ReadFile(files, key)
		if err != nil {
			return fmt.Errorf("read sample: %w", err)
		}
		moved, err := shiftFile(stored, by)
		if err != nil {
			return fmt.Errorf("shift sample %s: %w", key, err)
		}
		path := filepath.Join(dir, filepath.FromSlash(shiftKey(key, by)))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("write sample: %w", err)
		}
		if err := os.WriteFile(path, moved, 0o644); err != nil {
			return fmt.Errorf("write sample: %w", err)
		}
		return nil
	})
}

// shiftFile moves all times in a compressed log file.
func shiftFile(stored []byte, by time.Duration) ([]byte, error) {
	in, err := gzip.NewReader(bytes.NewReader(stored))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	var moved bytes.Buffer
	out := gzip.NewWriter(&moved)
	if _, err := out.Write(shiftText(text, by)); err != nil {
		return nil, err
	}
	if err := out.Close(); err != nil {
		return nil, err
	}
	return moved.Bytes(), nil
}
