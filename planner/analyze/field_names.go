package analyze

import (
	"strings"
	"unicode"
)

// fieldNames finds fields of a long list by name. In a chain of joins each list begins with the previous one, and
// all share one fieldNames.
type fieldNames struct {
	indexed   int              // how many fields of the list are in the maps
	byName    map[string][]int // positions by name
	qualified map[string][]int // positions by the last part of the relation's name, and the name
}

// maxScannedFields is the longest list that is searched field by field.
const maxScannedFields = 100

// fieldsNamed returns the fields of a list that may have this name under a prefix, in order. For a short list it
// returns all.
func (x *fieldNames) fieldsNamed(fields []field, prefix []string, name string) []field {
	if len(fields) <= maxScannedFields {
		return fields
	}
	x.grow(fields)
	positions := x.byName[folded(name)]
	if len(prefix) > 0 {
		positions = x.qualified[qualifiedKey(prefix[len(prefix)-1], name)]
	}
	var found []field
	for _, at := range positions {
		if at < len(fields) {
			found = append(found, fields[at])
		}
	}
	return found
}

// grow adds the fields that were appended to the list.
func (x *fieldNames) grow(fields []field) {
	if x.byName == nil {
		x.byName, x.qualified = map[string][]int{}, map[string][]int{}
	}
	for ; x.indexed < len(fields); x.indexed++ {
		f := fields[x.indexed]
		if f.name == "" {
			continue
		}
		key := folded(f.name)
		x.byName[key] = append(x.byName[key], x.indexed)
		if len(f.table) > 0 {
			key := qualifiedKey(f.table[len(f.table)-1], f.name)
			x.qualified[key] = append(x.qualified[key], x.indexed)
		}
	}
}

func qualifiedKey(table, name string) string { return folded(table) + "\x00" + folded(name) }

// folded returns the same text for all names that strings.EqualFold considers equal: the smallest of the letters
// that differ only by case.
func folded(name string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'A'
		}
		if r < unicode.MaxASCII {
			return r
		}
		least := r
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			least = min(least, other)
		}
		return least
	}, name)
}
