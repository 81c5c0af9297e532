package storage

import (
	"sync"

	"github.com/auditlake/auditlake/storage/orc"
	"github.com/auditlake/auditlake/storage/schema"
)

// scanPaths caches the parsed paths that row group after row group reads. It is safe for concurrent use.
type scanPaths struct {
	table *schema.Table
	known sync.Map // *scanPath by path
}

// scanPath is a path, and the error if it cannot be requested. The parts that texts are rebuilt from cannot either.
type scanPath struct {
	parsed orc.Path
	err    error
}

// check returns an error if the table does not have a path.
func (p *scanPaths) check(path string) error { return p.of(path).err }

// parse is orc.ParsePath.
func (p *scanPaths) parse(path string) orc.Path { return p.of(path).parsed }

func (p *scanPaths) of(path string) *scanPath {
	if known, ok := p.known.Load(path); ok {
		return known.(*scanPath)
	}
	found := &scanPath{parsed: orc.ParsePath(path)}
	_, found.err = findColumn(p.table, path)
	p.known.Store(path, found)
	return found
}
