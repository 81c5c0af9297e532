package damage

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Damage is what was done to one file of a lake, or to two that were exchanged.
type Damage struct {
	Lake  string
	What  string // flip, cut, zero, delete, swap, older
	Kind  string // of the file
	Files []string
	At    int64
}

func (d *Damage) String() string {
	return fmt.Sprintf("%s: %s %s %s at %d", d.Lake, d.What, d.Kind, strings.Join(d.Files, ", "), d.At)
}

// kindOf returns what a file is for; "": it is not damaged, as it holds nothing.
func kindOf(name string) string {
	base := filepath.Base(name)
	switch extension := filepath.Ext(base); {
	case base == "LOCK" || base == "attach.sock":
		return ""
	case strings.HasPrefix(name, "catalog"+string(filepath.Separator)) && strings.Trim(base, "0123456789") == extension:
		return "catalog " + extension
	case strings.HasPrefix(name, "commits"):
		return "commit"
	case extension == ".orc":
		return "segment"
	case extension == ".arrow":
		return "table"
	case extension == ".log":
		return "hot log"
	default:
		return base
	}
}

// Damage restores a lake to dir and damages a file of it there, one of the kinds that match.
func (l *Lake) Damage(r *rand.Rand, dir string, match *regexp.Regexp) (*Damage, error) {
	if err := l.Restore(dir); err != nil {
		return nil, err
	}
	kinds := map[string][]string{}
	for name := range l.files {
		if kind := kindOf(name); kind != "" && match.MatchString(kind) {
			kinds[kind] = append(kinds[kind], name)
		}
	}
	d := &Damage{Lake: l.Name, What: []string{"flip", "cut", "zero", "delete", "swap", "older"}[r.IntN(6)]}
	if len(kinds) == 0 {
		return nil, nil
	}
	d.Kind = pick(r, slices.Sorted(maps.Keys(kinds)))
	slices.Sort(kinds[d.Kind])
	name := pick(r, kinds[d.Kind])
	if d.What == "older" {
		return d, l.putOlder(r, d, dir)
	}
	d.Files = []string{name}
	path, f := filepath.Join(dir, name), l.files[name]
	switch d.What {
	case "delete":
		return d, os.Remove(path)
	case "swap":
		other := pick(r, slices.Sorted(maps.Keys(l.files)))
		d.Files = append(d.Files, other)
		return d, swap(path, filepath.Join(dir, other))
	case "cut":
		d.At = f.place(r)
		return d, os.Truncate(path, d.At)
	}
	d.At = f.place(r)
	count := int64(1)
	if d.What == "zero" {
		count = []int64{16, 512, 4096, f.bytes}[r.IntN(4)]
	}
	return d, change(path, d.At, min(count, f.bytes-d.At), func(b []byte) {
		if d.What == "zero" {
			clear(b)
		} else if len(b) > 0 {
			b[0] ^= 1 << r.IntN(8)
		}
	})
}

func pick(r *rand.Rand, of []string) string { return of[r.IntN(len(of))] }

// place is a byte of the file, among those that are not zero.
func (f *file) place(r *rand.Rand) int64 {
	if len(f.pages) == 0 {
		return 0
	}
	p := f.pages[r.IntN(len(f.pages))]
	for range 50 {
		if at := r.IntN(len(p.content)); p.content[at] != 0 {
			return p.offset + int64(at)
		}
	}
	return p.offset
}

func change(path string, at, count int64, how func([]byte)) error {
	to, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	b := make([]byte, count)
	n, err := to.ReadAt(b, at)
	if n == len(b) {
		err = nil
	}
	how(b)
	if err == nil {
		_, err = to.WriteAt(b, at)
	}
	return errors.Join(err, to.Close())
}

func swap(a, b string) error {
	if a == b {
		return nil
	}
	return errors.Join(os.Rename(a, a+".swapped"), os.Rename(b, a), os.Rename(a+".swapped", b))
}

// putOlder puts a file of the earlier lake in its place, of the kind if there is one.
func (l *Lake) putOlder(r *rand.Rand, d *Damage, dir string) error {
	var names, others []string
	for name, f := range l.older {
		now := l.files[name]
		if now != nil && f.isEqual(now) || kindOf(name) == "" {
			continue
		}
		if others = append(others, name); kindOf(name) == d.Kind {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		names = others
	}
	slices.Sort(names)
	name := pick(r, names)
	d.Kind, d.Files = kindOf(name), []string{name}
	return l.older[name].write(filepath.Join(dir, name))
}

func (f *file) isEqual(other *file) bool {
	return f.bytes == other.bytes && slices.EqualFunc(f.pages, other.pages, func(a, b page) bool {
		return cmp.Compare(a.offset, b.offset) == 0 && string(a.content) == string(b.content)
	})
}

// isNamedBy reports whether an error names what was damaged. The reader of the catalog, the hot tier and the
// commits treats their files as one folder, so naming that folder is enough.
func (d *Damage) isNamedBy(text string) bool {
	for _, name := range d.Files {
		if strings.Contains(text, name) || strings.Contains(text, filepath.Base(name)) {
			return true
		}
		folder, _, isWithin := strings.Cut(name, string(filepath.Separator))
		if isWithin && (folder == "catalog" || folder == "hot" || folder == "commits") && strings.Contains(text, folder) {
			return true
		}
	}
	return false
}
