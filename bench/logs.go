package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/auditlake/auditlake/bench/gen"
)

// note says which events were generated, so that a later run asks for the days that they have.
type note struct {
	Seed, Events int64
	End          time.Time
}

func (b *bench) notePath() string { return filepath.Join(b.dir, "events.json") }

// makeLogs generates the log files and leaves a note of them.
func (b *bench) makeLogs() (gen.Stats, error) {
	const seed = 1
	stats, err := gen.Write(b.logs(), gen.Options{Seed: seed, Events: int64(b.events), Days: 30, End: b.end})
	if err != nil {
		return stats, err
	}
	text, err := json.Marshal(note{Seed: seed, Events: int64(b.events), End: b.end})
	if err != nil {
		return stats, err
	}
	return stats, os.WriteFile(b.notePath(), text, 0o600)
}

// readNote takes the number and the end of events that an earlier run made. A folder without a note is taken to have
// events until today.
func (b *bench) readNote() error {
	text, err := os.ReadFile(b.notePath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var n note
	if err := json.Unmarshal(text, &n); err != nil {
		return err
	}
	b.events, b.end = int(n.Events), n.End
	return nil
}
