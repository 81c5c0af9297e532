package storage

import "path/filepath"

const (
	// packAfterCommits is how many single-commit files are packed into one. A lake that takes pushes has a commit a
	// minute.
	packAfterCommits = 1000
	// maxPackedBytes ends a packed file; later commits go into another one.
	maxPackedBytes = 64 << 20
)

// packCommits packs the single-commit files into one, if there are many. After a failure a later call repeats it:
// the files stay until the packed file is durable. No transaction may be between its commit file and its commit.
func (l *Lake) packCommits() {
	l.singleCommits++
	if l.singleCommits < l.packAfter || !l.commitFiles.TryLock() { // they are being read
		return
	}
	defer l.commitFiles.Unlock()
	l.singleCommits = 0
	files, err := l.listCommitFiles()
	if err != nil {
		return
	}
	next := uint64(0) // after the packed files
	for _, f := range files {
		if f.isPacked {
			next = max(next, f.last+1)
		}
	}
	p := &commitPack{lake: l, next: next, content: []byte(packedMagic)}
	for _, f := range files {
		if f.isPacked || p.addCommit(f) {
			continue
		}
		break
	}
	p.writePack()
}

// commitPack gathers the commits of one packed file.
type commitPack struct {
	lake    *Lake
	content []byte
	first   uint64
	next    uint64 // number of the next entry
	names   []string
}

// addCommit adds the commit of a file, unless it is not the next one or cannot be read.
func (p *commitPack) addCommit(f commitFileName) bool {
	if f.first < p.next && len(p.names) == 0 { // packed already; the process ended before it was removed
		_ = p.lake.fs.Remove(filepath.Join(p.lake.commitsPath(), f.name))
		return true
	}
	if f.first != p.next || len(p.content) >= maxPackedBytes {
		return false
	}
	err := p.lake.readCommitFile(f, func(c *commitRecord) error {
		if len(p.names) == 0 {
			p.first = c.first
		}
		p.content = appendPacked(p.content, c.encode())
		p.next = c.first + uint64(len(c.entries))
		return nil
	})
	if err != nil {
		return false
	}
	p.names = append(p.names, f.name)
	return true
}

// writePack writes the packed file, and removes the files that it replaces.
func (p *commitPack) writePack() {
	if len(p.names) < 2 || p.lake.putFile(p.lake.packedPath(p.first, p.next-1), p.content) != nil {
		return
	}
	for _, name := range p.names {
		if p.lake.fs.Remove(filepath.Join(p.lake.commitsPath(), name)) != nil {
			return
		}
	}
}

// countCommitFiles counts the single-commit files when the lake is opened.
func (l *Lake) countCommitFiles() error {
	files, err := l.listCommitFiles()
	for _, f := range files {
		if !f.isPacked {
			l.singleCommits++
		}
	}
	return err
}
