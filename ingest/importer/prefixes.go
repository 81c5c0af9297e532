package importer

import (
	"hash/maphash"
	"strings"
)

// prefixes counts, for each folder with log files of a run, the files that were not taken yet. A folder is
// identified by its hash, because there may be very many.
type prefixes struct {
	seed maphash.Seed
	left map[uint64]int64
}

func newPrefixes() *prefixes { return &prefixes{maphash.MakeSeed(), map[uint64]int64{}} }

func (p *prefixes) hash(key string) uint64 {
	return maphash.String(p.seed, key[:strings.LastIndexByte(key, '/')+1])
}

// addFile adds a listed file.
func (p *prefixes) addFile(key string) { p.left[p.hash(key)]++ }

// found returns the number of folders.
func (p *prefixes) found() int64 { return int64(len(p.left)) }

// takeFile takes a file that was added, and reports whether it is the last one of its folder. It ignores other
// files.
func (p *prefixes) takeFile(key string) bool {
	h := p.hash(key)
	if p.left[h] == 0 {
		return false
	}
	p.left[h]--
	return p.left[h] == 0
}
