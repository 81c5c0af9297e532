package query

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/google/uuid"

	"github.com/auditlake/auditlake/engine/query/spool"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/vfs"
)

// maxPassing is how many of the latest queries with kept answers a read-only lake remembers.
const maxPassing = 200

// passing replaces the history in a read-only lake. It holds this process's queries with kept answers in memory,
// and their answers in a temporary folder of the system. All of it is removed when the lake is closed. A nil
// passing is empty.
type passing struct {
	dir     string
	results *spool.Folder

	mu    sync.Mutex
	byID  map[string]*catalog.Query // mu
	order []string                  // mu: the ids, the oldest first
}

func newPassing(o Options) (*passing, error) {
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("auditlake-results-%d-%s", os.Getpid(), uuid.NewString()))
	results, err := spool.Open(spool.Options{FS: vfs.OS, Dir: dir, MaxResultBytes: o.MaxResultBytes, MaxLakeBytes: o.MaxResultsBytes})
	if err != nil {
		return nil, err
	}
	return &passing{dir: dir, results: results, byID: map[string]*catalog.Query{}}, nil
}

// note records the state of a query. Above maxPassing, the oldest ended query is dropped with its answer.
func (p *passing) note(record *catalog.Query) error {
	p.mu.Lock()
	if p.byID[record.ID] == nil {
		p.order = append(p.order, record.ID)
	}
	p.byID[record.ID] = record
	gone := ""
	if len(p.order) > maxPassing && p.byID[p.order[0]].Status.IsOver() {
		gone = p.order[0]
		p.order = p.order[1:]
		delete(p.byID, gone)
	}
	p.mu.Unlock()
	if gone == "" {
		return nil
	}
	return p.results.Remove(gone)
}

// query returns the state of a query; nil: unknown.
func (p *passing) query(id string) *catalog.Query {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.byID[id]
}

// noted returns the states of all known queries.
func (p *passing) noted() map[string]*catalog.Query {
	out := map[string]*catalog.Query{}
	if p == nil {
		return out
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, record := range p.byID {
		out[id] = record
	}
	return out
}

// close removes the answers.
func (p *passing) close() error {
	if p == nil {
		return nil
	}
	err := p.results.RemoveOthers(func(string) bool { return false })
	if removed := vfs.OS.Remove(p.dir); !errors.Is(removed, fs.ErrNotExist) {
		err = errors.Join(err, removed)
	}
	return err
}
