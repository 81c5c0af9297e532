package vfs

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// ErrCrashed is the error of all operations between a crash and Restart.
var ErrCrashed = errors.New("the machine has crashed")

// Memory is an FS in memory that can lose power. Then data that was not synced may be lost, contents of files and
// entries of folders alike. It is safe for concurrent use.
type Memory struct {
	mu      sync.Mutex
	root    *memoryNode // mu
	life    int         // mu: restarts; files opened before the last one are dead
	steps   int         // mu: since CrashAfter
	crashAt int         // mu: the step that fails first; 0: none
	crashed bool        // mu
}

// memoryNode is a file or a folder.
type memoryNode struct {
	isDir   bool
	content []byte        // of a file
	synced  int           // the size that is durable
	over    []overwriting // writes into durable bytes since the last sync, in order

	entries map[string]*memoryNode // of a folder
	durable map[string]*memoryNode // as of the folder's last sync
	pending []entryChange          // since then, in order
}

// overwriting is a write over durable bytes: after a crash each of its sectors has its old or its new bytes.
type overwriting struct {
	offset        int
	before, after []byte
}

// sectorBytes is the unit that a disk writes whole or not at all.
const sectorBytes = 512

// entryChange is one change of a folder's entries: a crash keeps or loses it.
type entryChange struct {
	name string
	node *memoryNode // nil: name is removed
	from string      // the name that node had before, empty: none

	// movedTo is the folder that the file moved to, under movedName; nil: it did not leave the folder.
	movedTo   *memoryNode
	movedName string
	moved     *memoryNode
}

// mayBeLost reports whether a crash must undo the change: the file's new name is not durable.
func (c entryChange) mayBeLost() bool {
	return c.movedTo != nil && c.movedTo.durable[c.movedName] != c.moved
}

// NewMemory makes an empty file system, which has only its root folder.
func NewMemory() *Memory { return &Memory{root: newMemoryDir()} }

func newMemoryDir() *memoryNode {
	return &memoryNode{isDir: true, entries: map[string]*memoryNode{}, durable: map[string]*memoryNode{}}
}

// CrashAfter makes the machine crash after steps more steps; negative: never. A step is an operation that changes
// something or makes it durable, or FreeBytes, which precedes each transaction of the catalog.
func (m *Memory) CrashAfter(steps int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.steps, m.crashAt = 0, steps+1
}

// Steps is the number of steps since CrashAfter.
func (m *Memory) Steps() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.steps
}

// Crashed reports whether the machine has crashed and was not restarted.
func (m *Memory) Crashed() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.crashed
}

// Restart cuts the power, unless that has happened, and turns it on again. Without r, all unsynced data is lost. With
// r, each folder keeps the first changes of its entries. Each file keeps some of the overwritten sectors, and the
// first of the bytes written after its end, perhaps as zeros.
func (m *Memory) Restart(r *rand.Rand) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.root = m.root.survivor(r)
	m.life++
	m.crashed, m.crashAt = false, 0
}

// survivor returns what a crash leaves of a node that stays reachable.
func (n *memoryNode) survivor(r *rand.Rand) *memoryNode {
	if !n.isDir {
		content := n.durableContent(r)
		if rest := n.content[n.synced:]; r != nil && len(rest) > 0 {
			rest = slices.Clone(rest[:r.IntN(len(rest)+1)])
			if r.IntN(2) == 0 {
				clear(rest)
			}
			content = append(content, rest...)
		}
		return &memoryNode{content: content, synced: len(content)}
	}
	kept := n.pending[:0]
	if r != nil {
		kept = n.pending[:r.IntN(len(n.pending)+1)]
	}
	for _, change := range kept {
		if change.mayBeLost() {
			break
		}
		change.apply(n.durable)
	}
	left := newMemoryDir()
	for _, name := range sortedNames(n.durable) { // the order decides the results of r
		left.entries[name] = n.durable[name].survivor(r)
		left.durable[name] = left.entries[name]
	}
	return left
}

// durableContent returns what a crash leaves of the bytes below the synced size.
func (n *memoryNode) durableContent(r *rand.Rand) []byte {
	content := slices.Clone(n.content[:n.synced])
	for _, w := range slices.Backward(n.over) {
		copy(content[w.offset:], w.before)
	}
	if r == nil {
		return content
	}
	for _, w := range n.over {
		for from := 0; from < len(w.after); {
			to := min(len(w.after), from+sectorBytes-(w.offset+from)%sectorBytes)
			if r.IntN(2) == 0 {
				copy(content[w.offset+from:], w.after[from:to])
			}
			from = to
		}
	}
	return content
}

func (c entryChange) apply(entries map[string]*memoryNode) {
	delete(entries, c.from)
	delete(entries, c.name)
	if c.node != nil {
		entries[c.name] = c.node
	}
}

func (n *memoryNode) change(c entryChange) {
	c.apply(n.entries)
	n.pending = append(n.pending, c)
}

func sortedNames(entries map[string]*memoryNode) []string {
	var names []string
	for name := range entries {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// stepLocked counts a step. The machine may crash at it.
func (m *Memory) stepLocked(op Op, path string) error {
	m.steps++
	if m.crashAt > 0 && m.steps >= m.crashAt {
		m.crashed = true
	}
	return m.aliveLocked(op, path)
}

func (m *Memory) aliveLocked(op Op, path string) error {
	if m.crashed {
		return pathError(op, path, ErrCrashed)
	}
	return nil
}

func pathError(op Op, path string, err error) error {
	return &fs.PathError{Op: string(op), Path: path, Err: err}
}

// findLocked finds a node, nil if there is none.
func (m *Memory) findLocked(path string) *memoryNode {
	n := m.root
	for _, name := range pathNames(path) {
		if n == nil || !n.isDir {
			return nil
		}
		n = n.entries[name]
	}
	return n
}

// folderLocked finds the folder that holds path, and the name in it.
func (m *Memory) folderLocked(op Op, path string) (*memoryNode, string, error) {
	folder := m.findLocked(filepath.Dir(path))
	if folder == nil || !folder.isDir {
		return nil, "", pathError(op, path, fs.ErrNotExist)
	}
	return folder, filepath.Base(path), nil
}

func pathNames(path string) []string {
	path = filepath.ToSlash(strings.TrimPrefix(filepath.Clean(path), filepath.VolumeName(path)))
	return strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
}
