package javaformat

import (
	"strconv"
	"strings"
)

// check refuses flags, widths and precisions that the conversion has no use for.
func (f *Item) check() error {
	for i := range len(f.flags) {
		if strings.IndexByte(f.flags[:i], f.flags[i]) >= 0 {
			return Error("DuplicateFormatFlags: Flags = '" + f.flags + "'")
		}
	}
	switch f.conversion {
	case 'n':
		if f.width >= 0 {
			return Error("IllegalFormatWidth: " + strconv.Itoa(f.width))
		}
		return f.checkText("-#+ 0,(")
	case '%':
		return f.checkText("#+ 0,(")
	case 't', 'T':
		if strings.IndexByte("HIklMSLNpzZsQBbhAaCYyjmdeRTrDFc", f.suffix) < 0 {
			return Error("UnknownFormatConversion: t" + string(f.suffix))
		}
		return f.checkText("#+ 0,(")
	case 'c', 'C':
		return f.checkText("#+ 0,(")
	case 's', 'S':
		return f.refuse("+ 0,(")
	case 'b', 'B', 'h', 'H':
		return f.refuse("#+ 0,(")
	}
	return f.checkNumber()
}

func (f *Item) checkText(refused string) error {
	if f.precision >= 0 {
		return Error("IllegalFormatPrecision: " + strconv.Itoa(f.precision))
	}
	return f.refuse(refused)
}

func (f *Item) checkNumber() error {
	if f.has('+') && f.has(' ') || f.has('-') && f.has('0') {
		return Error("IllegalFormatFlags: Flags = '" + f.flags + "'")
	}
	if f.has('0') && f.width < 0 {
		return Error("MissingFormatWidth: " + f.literal)
	}
	switch f.conversion {
	case 'd':
		return f.checkText("#")
	case 'o', 'x', 'X':
		return f.checkText(",")
	case 'e', 'E':
		return f.refuse(",")
	case 'g', 'G':
		return f.refuse("#")
	case 'a', 'A':
		return f.refuse("(,")
	}
	return f.refuse("")
}

func (f *Item) refuse(flags string) error {
	if i := strings.IndexAny(f.flags, flags); i >= 0 && flags != "" {
		return Error("FormatFlagsConversionMismatch: Conversion = " + string(f.conversion) + ", Flags = " + f.flags[i:i+1])
	}
	if f.has('-') && f.width < 0 {
		return Error("MissingFormatWidth: " + f.literal)
	}
	return nil
}
