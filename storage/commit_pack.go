package storage

import "path/filepath"

const (
	// packAfterCommits is how many files of single commits lie in the folder before they are packed into one: a lake
	// that takes pushes has a commit a minute.
	packAfterCommits = 1000
	// maxPackedBytes ends a packed file; the commits after it go into another one.
	maxPackedBytes = 64 << 20
)

// packCommits packs the files of commits into one, if there are many. What fails is done by a later call: until the
// packed file is durable, the others stay. It is called with no transaction between its commit file and its commit.
func (l *Lake) packCommits() {
	l.singleCommits++
	if l.singleCommits < l.packAfter || !l.commitFiles.TryLock() { // somebody reads them
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
	next    uint64 // number of the entry that is to follow
	names   []string
}

// addCommit takes the commit of a file, unless it is not the next one, or cannot be read.
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

// writePack writes the packed file, and removes those that it holds.
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

// countCommitFiles counts the files of single commits when the lake is opened.
func (l *Lake) countCommitFiles() error {
	files, err := l.listCommitFiles()
	for _, f := range files {
		if !f.isPacked {
			l.singleCommits++
		}
	}
	return err
}
