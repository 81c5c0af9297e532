package engine

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/auditlake/auditlake/storage/catalog"
)

// CheckState is the health of one part of a lake.
type CheckState string

// The states of checks, best first.
const (
	CheckOK      CheckState = "ok"
	CheckWarning CheckState = "warning"
	CheckFailing CheckState = "failing"
)

// Check is one finding of Lake.Checkup.
type Check struct {
	Name  string // lake, disk, keys, clock, sources, events, import or verify
	State CheckState
	Text  string // what was found, and what to do about it
}

const (
	// littleFreeBytes is the free space below which a disk is reported as nearly full.
	littleFreeBytes = 1 << 30
	// keyEndsSoon is how long before it expires a key is reported.
	keyEndsSoon = 14 * 24 * time.Hour
	// verifyEvery is how long after a verification the next one is due.
	verifyEvery = 30 * 24 * time.Hour
	// futureEvents is how far ahead of the clock an event may be before the clock is in doubt.
	futureEvents = time.Hour
)

// Checkup reports the health of the lake's parts. It reads the catalog and no events.
func (l *Lake) Checkup(ctx context.Context) ([]Check, error) {
	figures, err := l.Figures(ctx)
	if err != nil {
		return nil, err
	}
	checks := []Check{l.checkLake(figures)}
	for _, check := range []func(context.Context, *Figures) (Check, error){
		l.checkDisk, l.checkKeys, l.checkTime, l.checkSources, l.checkEvents, l.checkImport, l.checkVerify,
	} {
		found, err := check(ctx, figures)
		if err != nil {
			return nil, err
		}
		checks = append(checks, found)
	}
	return checks, nil
}

// counted returns a count with its noun, whose singular is one.
func counted(n int64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

func (l *Lake) checkLake(figures *Figures) Check {
	var events int64
	for _, s := range figures.Stores {
		events += s.Events
	}
	text := fmt.Sprintf("%s, %s", counted(int64(len(figures.Stores)), "store"), counted(events, "event"))
	if unproven := l.storage.Unproven(); unproven != nil {
		return Check{"lake", CheckFailing, unproven.Error()}
	}
	if l.IsReadOnly() {
		return Check{"lake", CheckWarning, text + "; it is read-only"}
	}
	return Check{"lake", CheckOK, text}
}

func (l *Lake) checkDisk(context.Context, *Figures) (Check, error) {
	free, err := l.storage.FreeBytes()
	if err != nil {
		return Check{}, err
	}
	text := fmt.Sprintf("%d MiB free", free>>20)
	switch {
	case free < catalog.MinFreeBytes:
		return Check{"disk", CheckFailing, fmt.Sprintf("%s: the lake takes no events below %d MiB", text, catalog.MinFreeBytes>>20)}, nil
	case free < littleFreeBytes:
		return Check{"disk", CheckWarning, text + ": make room, or shorten the retention of a store"}, nil
	}
	return Check{"disk", CheckOK, text}, nil
}

func (l *Lake) checkKeys(ctx context.Context, _ *Figures) (Check, error) {
	keys, err := l.keys.List(ctx)
	if err != nil {
		return Check{}, err
	}
	now, active, ending := l.now(), 0, []string(nil)
	for _, k := range keys {
		if k.IsRoot || k.State(now) != "active" {
			continue
		}
		active++
		if !k.IsSession && !k.ExpiresAt.IsZero() && k.ExpiresAt.Before(now.Add(keyEndsSoon)) {
			ending = append(ending, k.ID+" on "+k.ExpiresAt.Format(time.DateOnly))
		}
	}
	text := counted(int64(active), "active access key") + " besides the root's"
	if len(ending) > 0 {
		return Check{"keys", CheckWarning, text + "; these end soon: " + strings.Join(ending, ", ")}, nil
	}
	return Check{"keys", CheckOK, text}, nil
}

func (l *Lake) checkTime(_ context.Context, figures *Figures) (Check, error) {
	now, lastUse := l.now(), time.Time{}
	err := l.storage.Catalog().View(func(tx *catalog.Tx) (err error) {
		lastUse, err = tx.LastUse()
		return err
	})
	if err != nil {
		return Check{}, err
	}
	text := now.UTC().Format(time.RFC3339)
	if behind := lastUse.Sub(now); behind > time.Minute {
		return Check{"clock", CheckFailing, fmt.Sprintf("%s is %s before the lake's last use: set the clock", text, behind.Round(time.Second))}, nil
	}
	for _, s := range figures.Stores {
		if s.NewestEvent.Sub(now) > futureEvents {
			return Check{"clock", CheckWarning, fmt.Sprintf("%s, and %s has an event of %s: check the clock",
				text, s.Store.Name, s.NewestEvent.Format(time.RFC3339))}, nil
		}
	}
	return Check{"clock", CheckOK, text}, nil
}

// checkSources says how events arrive: no process follows a bucket or a folder on its own.
func (l *Lake) checkSources(ctx context.Context, _ *Figures) (Check, error) {
	list, err := l.Channels().List(ctx)
	if err != nil {
		return Check{}, err
	}
	return Check{"sources", CheckOK, counted(int64(len(list)), "channel") + "; log files arrive by import"}, nil
}

func (l *Lake) checkEvents(_ context.Context, figures *Figures) (Check, error) {
	var newest []string
	for _, s := range figures.Stores {
		if s.NewestEvent.IsZero() || s.Store.IsActivity {
			continue
		}
		newest = append(newest, s.Store.Name+" "+s.NewestEvent.Format(time.RFC3339))
	}
	if len(newest) == 0 {
		return Check{"events", CheckOK, "no store has an event"}, nil
	}
	return Check{"events", CheckOK, "newest: " + strings.Join(newest, ", ")}, nil
}

func (l *Lake) checkImport(ctx context.Context, _ *Figures) (Check, error) {
	list, err := l.imports.List(ctx)
	if err != nil {
		return Check{}, err
	}
	var last *Import
	for _, i := range list {
		if !i.EndedAt.IsZero() && (last == nil || i.EndedAt.After(last.EndedAt)) {
			last = i
		}
	}
	if last == nil {
		return Check{"import", CheckOK, "none has ended"}, nil
	}
	text := fmt.Sprintf("the last ended on %s as %s", last.EndedAt.Format(time.RFC3339), last.Status)
	how := "; auditlake imports failures " + last.ID + " says why"
	switch {
	case last.Status == ImportFailed && last.Counts.Files == 0:
		return Check{"import", CheckFailing, text + how}, nil
	case last.Status != ImportCompleted || last.Counts.FilesFailed > 0:
		return Check{"import", CheckWarning, fmt.Sprintf("%s: %s and %s failed%s", text,
			counted(last.Counts.FilesFailed, "file"), counted(last.Counts.FailedRecords, "record"), how)}, nil
	}
	return Check{"import", CheckOK, text}, nil
}

func (l *Lake) checkVerify(context.Context, *Figures) (Check, error) {
	var last catalog.LastVerify
	err := l.storage.Catalog().View(func(tx *catalog.Tx) (err error) {
		last, err = tx.LastVerify()
		return err
	})
	if err != nil {
		return Check{}, err
	}
	text := "last on " + last.At.Format(time.RFC3339)
	switch {
	case last.At.IsZero():
		return Check{"verify", CheckWarning, "the lake was never verified: auditlake verify"}, nil
	case last.Problems > 0:
		return Check{"verify", CheckFailing, fmt.Sprintf("%s, which found %s: auditlake verify", text, counted(int64(last.Problems), "problem"))}, nil
	case l.now().Sub(last.At) > verifyEvery:
		return Check{"verify", CheckWarning, text + ": auditlake verify"}, nil
	}
	return Check{"verify", CheckOK, text}, nil
}
