package receipt

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	runSuffix  = ".receipts"
	tempSuffix = ".tmp"
	// damagedSuffix is appended to the name of a damaged file, which is kept for inspection.
	damagedSuffix = ".damaged"
)

// Settle writes kept receipts to a file of their channel. After it returns without error, the owner's log no longer
// needs them. It merges files to keep them few.
func (m *Memory) Settle(channelID string, receipts []Receipt) error {
	if len(receipts) == 0 {
		return nil
	}
	sorted := slices.Clone(receipts)
	slices.SortFunc(sorted, func(a, b Receipt) int {
		return cmp.Or(compareKeys(&a.Key, &b.Key), cmp.Compare(b.Millis, a.Millis))
	})
	list := sortedList(sorted)
	added, err := m.addRun(channelID, &list, int64(len(sorted)))
	if err != nil {
		return fmt.Errorf("receipts of channel %s: %w", channelID, err)
	}
	m.replaceRuns(channelID, nil, added)
	m.forgetRecent(channelID, receipts)
	if err := m.mergeRuns(channelID); err != nil {
		return fmt.Errorf("receipts of channel %s: %w", channelID, err)
	}
	return nil
}

// addRun writes a file, which no channel has yet.
func (m *Memory) addRun(channelID string, from source, most int64) (*run, error) {
	m.mu.Lock()
	c := m.channelLocked(channelID)
	number := c.next
	c.next++
	m.mu.Unlock()
	folder := m.folder(channelID)
	if err := m.makeFolder(folder); err != nil {
		return nil, err
	}
	path := filepath.Join(folder, fmt.Sprintf("%020d%s", number, runSuffix))
	file, err := m.options.FS.Create(path + tempSuffix)
	if err != nil {
		return nil, err
	}
	added, err := writeRun(file, from, most)
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, errors.Join(err, m.options.FS.Remove(path+tempSuffix))
	}
	if err := m.options.FS.Rename(path+tempSuffix, path); err != nil {
		return nil, err
	}
	added.path, added.number = path, number
	return added, m.options.FS.SyncDir(folder)
}

func (m *Memory) makeFolder(folder string) error {
	_, err := m.options.FS.Stat(folder)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := m.options.FS.MkdirAll(folder); err != nil {
		return err
	}
	if err := m.options.FS.SyncDir(m.options.Dir); err != nil {
		return err
	}
	return m.options.FS.SyncDir(filepath.Dir(m.options.Dir))
}

// replaceRuns replaces old runs (nil: none) by added (nil: none). The caller removes the files of the old runs.
func (m *Memory) replaceRuns(channelID string, old []*run, added *run) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.channelLocked(channelID)
	runs := slices.Clone(c.runs)
	for _, r := range old {
		m.filters -= int64(len(r.filter))
		runs = slices.DeleteFunc(runs, func(other *run) bool { return other == r })
	}
	if added != nil {
		m.filters += int64(len(added.filter))
		runs = append(runs, added)
		slices.SortStableFunc(runs, func(a, b *run) int { return int(max(-1, min(1, a.newest-b.newest))) })
	}
	c.runs = runs
	m.dropFiltersLocked()
}

// dropFiltersLocked drops the filters of the oldest runs while all filters exceed MaxFilterBytes.
func (m *Memory) dropFiltersLocked() {
	for m.filters > m.options.MaxFilterBytes {
		var oldest *run
		for _, c := range m.channels {
			for _, r := range c.runs {
				if r.filter != nil && (oldest == nil || r.newest < oldest.newest) {
					oldest = r
				}
			}
		}
		if oldest == nil {
			return
		}
		m.filters -= int64(len(oldest.filter))
		oldest.filter = nil
	}
}

func (m *Memory) forgetRecent(channelID string, receipts []Receipt) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.channelLocked(channelID)
	for _, r := range receipts {
		if c.recent[r.Key] == r {
			delete(c.recent, r.Key)
			m.recent--
		}
	}
}

// mergeRuns merges the newest files of a channel until each has at least twice the receipts of all newer ones
// together, or the most that a file may have.
func (m *Memory) mergeRuns(channelID string) error {
	m.mu.Lock()
	runs := m.channelLocked(channelID).runs
	m.mu.Unlock()
	after := int64(0)
	first := len(runs)
	for i := len(runs) - 1; i >= 0; i-- {
		if i < len(runs)-1 && runs[i].receipts < 2*after && runs[i].receipts+after <= m.options.MaxRunReceipts {
			first = i
		}
		after += runs[i].receipts
	}
	if first == len(runs) {
		return nil
	}
	return m.mergeInto(channelID, runs[first:])
}

func (m *Memory) mergeInto(channelID string, old []*run) error {
	most := int64(0)
	var sources []source
	defer func() {
		for _, s := range sources {
			_ = s.close() // only read
		}
	}()
	for _, r := range old {
		s, err := newRunSource(m.options.FS, r)
		if err != nil {
			return err
		}
		sources = append(sources, s)
		most += r.receipts
	}
	from, err := merge(sources)
	if err == nil {
		var added *run
		if added, err = m.addRun(channelID, from, most); err == nil {
			m.replaceRuns(channelID, old, added)
			return m.removeFiles(old)
		}
	}
	if errors.Is(err, errDamaged) { // a later merge may skip the file; each search of it reports the damage
		m.options.Log.Warn("files of receipts are not merged", "error", err)
		return nil
	}
	return err
}

// removeFiles removes the files of runs that no channel has any more.
func (m *Memory) removeFiles(old []*run) error {
	m.files.Lock()
	defer m.files.Unlock()
	var errs []error
	for _, r := range old {
		errs = append(errs, m.options.FS.Remove(r.path))
	}
	return errors.Join(errs...)
}

// Forget removes files whose receipts no longer hold at now, and the oldest files of channels that have too many.
func (m *Memory) Forget(now time.Time) error {
	m.mu.Lock()
	gone := map[string][]*run{}
	for id, c := range m.channels {
		total := int64(0)
		for _, r := range c.runs {
			total += r.receipts
		}
		for _, r := range c.runs {
			isOver := now.UnixMilli()-r.newest >= Window.Milliseconds()
			if !isOver && total-r.receipts < m.options.MaxReceipts {
				continue
			}
			total -= r.receipts
			gone[id] = append(gone[id], r)
		}
	}
	m.mu.Unlock()
	var errs []error
	for id, runs := range gone {
		m.replaceRuns(id, runs, nil)
		errs = append(errs, m.removeFiles(runs))
	}
	return errors.Join(errs...)
}

// Drop forgets a channel and removes its files.
func (m *Memory) Drop(channelID string) error {
	m.mu.Lock()
	if c := m.channels[channelID]; c != nil {
		for _, r := range c.runs {
			m.filters -= int64(len(r.filter))
		}
		m.recent -= len(c.recent)
		delete(m.channels, channelID)
	}
	m.mu.Unlock()
	m.files.Lock()
	defer m.files.Unlock()
	return m.removeFolder(m.folder(channelID))
}

func (m *Memory) removeFolder(folder string) error {
	entries, err := m.options.FS.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := m.options.FS.Remove(filepath.Join(folder, e.Name())); err != nil {
			return err
		}
	}
	return m.options.FS.Remove(folder)
}

// Open reads the files of the given channels, and removes those of others.
func (m *Memory) Open(channelIDs []string) error {
	entries, err := m.options.FS.ReadDir(m.options.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		var err error
		switch {
		case slices.Contains(channelIDs, e.Name()):
			err = m.openChannel(e.Name())
		case len(e.Name()) == len("00000000-0000-0000-0000-000000000000") && e.IsDir():
			err = m.removeFolder(m.folder(e.Name()))
		}
		if err != nil {
			return fmt.Errorf("receipts of channel %s: %w", e.Name(), err)
		}
	}
	return nil
}

func (m *Memory) openChannel(id string) error {
	entries, err := m.options.FS.ReadDir(m.folder(id))
	if err != nil {
		return err
	}
	for _, e := range entries {
		path := filepath.Join(m.folder(id), e.Name())
		if strings.HasSuffix(e.Name(), tempSuffix) {
			if err := m.options.FS.Remove(path); err != nil {
				return err
			}
			continue
		}
		digits, ok := strings.CutSuffix(e.Name(), runSuffix)
		number, err := strconv.ParseUint(digits, 10, 63)
		if !ok || err != nil {
			continue
		}
		if err := m.openFile(id, path, number); err != nil {
			return err
		}
	}
	return nil
}

// openFile opens a run. A damaged one is renamed.
func (m *Memory) openFile(id, path string, number uint64) error {
	m.mu.Lock()
	c := m.channelLocked(id)
	c.next = max(c.next, number+1)
	m.mu.Unlock()
	r, err := openRun(m.options.FS, path, number)
	if errors.Is(err, errDamaged) {
		m.options.Log.Warn("receipts of pushed events are lost: events that are sent again are stored again", "error", err)
		return m.options.FS.Rename(path, path+damagedSuffix)
	}
	if err != nil {
		return err
	}
	m.replaceRuns(id, nil, r)
	return nil
}
