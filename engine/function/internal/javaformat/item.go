package javaformat

import (
	"strconv"
	"strings"

	"github.com/auditlake/auditlake/planner/types"
)

// Item is a literal text, or a specifier %[index$][flags][width][.precision]conversion.
type Item struct {
	literal    string // of a specifier: its source
	conversion byte   // 0 for a literal
	suffix     byte   // of t and T
	index      int    // 0: the next argument, -1: the last one used
	flags      string
	width      int // -1: none
	precision  int // -1: none
}

func (f *Item) has(flag byte) bool { return strings.IndexByte(f.flags, flag) >= 0 }

// maxFormatWidth bounds widths and precisions.
const maxFormatWidth = 1 << 20

// Parse takes a format apart, or fails with the error of a bad argument.
func Parse(pattern string) ([]Item, error) {
	var items []Item
	rest := pattern
	for rest != "" {
		literal, after, found := strings.Cut(rest, "%")
		if literal != "" {
			items = append(items, Item{literal: literal})
		}
		if !found {
			break
		}
		item, size, ok := parseSpecifier(after)
		if !ok {
			return nil, types.ArgumentError("Invalid format string: %s (UnknownFormatConversion)", types.Shortened(pattern))
		}
		if err := item.check(); err != nil {
			return nil, types.ArgumentError("Invalid format string: %s (%v)", types.Shortened(pattern), err)
		}
		items = append(items, item)
		rest = after[size:]
	}
	return items, nil
}

func parseSpecifier(text string) (item Item, size int, ok bool) {
	item = Item{width: -1, precision: -1}
	at := 0
	digits := func() (int, bool) {
		from := at
		for at < len(text) && text[at] >= '0' && text[at] <= '9' {
			at++
		}
		n, err := strconv.Atoi(text[from:at])
		return n, err == nil && n <= maxFormatWidth
	}
	if at < len(text) && text[at] >= '1' && text[at] <= '9' {
		n, fits := digits()
		if !fits {
			return item, 0, false
		}
		if at < len(text) && text[at] == '$' {
			item.index = n
			at++
		} else {
			at = 0
		}
	} else if strings.HasPrefix(text, "<") {
		item.index = -1
		at++
	}
	from := at
	for at < len(text) && strings.IndexByte("-#+ 0,(", text[at]) >= 0 {
		at++
	}
	item.flags = text[from:at]
	if at < len(text) && text[at] >= '1' && text[at] <= '9' {
		if item.width, ok = digits(); !ok {
			return item, 0, false
		}
	}
	if at < len(text) && text[at] == '.' {
		at++
		if item.precision, ok = digits(); !ok {
			return item, 0, false
		}
	}
	if at == len(text) {
		return item, 0, false
	}
	item.conversion = text[at]
	at++
	if item.conversion == 't' || item.conversion == 'T' {
		if at == len(text) {
			return item, 0, false
		}
		item.suffix = text[at]
		at++
	}
	item.literal = "%" + text[:at]
	return item, at, strings.IndexByte("bBhHsScCdoxXeEfgGaAtT%n", item.conversion) >= 0
}
