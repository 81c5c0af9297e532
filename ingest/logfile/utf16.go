package logfile

import (
	"bufio"
	"bytes"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// The byte order marks of UTF-16. PowerShell writes such text when a command's output goes into a file.
const (
	littleEndianMark = "\xff\xfe"
	bigEndianMark    = "\xfe\xff"
)

// headBytes is the number of bytes that identify the encoding.
const headBytes = 4

// peeked returns the first headBytes of text, or fewer if text is shorter, and a reader of all of it.
func peeked(text io.Reader) (head []byte, all io.Reader) {
	head = make([]byte, headBytes)
	n := 0
	var err error
	for n < len(head) && err == nil {
		var more int
		more, err = text.Read(head[n:])
		n += more
	}
	return head[:n], &headed{head[:n], err, text}
}

// decodedText returns text, which begins with head, as UTF-8. UTF-16 is decoded without its mark; other text is
// passed through.
func decodedText(head []byte, text io.Reader) io.Reader {
	isBig, hasMark := bytes.HasPrefix(head, []byte(bigEndianMark)), true
	if !isBig && !bytes.HasPrefix(head, []byte(littleEndianMark)) {
		isBig, hasMark = isUnmarked(head, 0), false
		if !isBig && !isUnmarked(head, 1) {
			return text
		}
	}
	d := &decoded{text: bufio.NewReaderSize(text, decodedBytes), isBig: isBig, ahead: -1}
	if hasMark {
		_, _ = d.text.Discard(len(littleEndianMark))
	}
	return d
}

// isUnmarked reports whether text begins with two ASCII characters in UTF-16 whose high bytes are at index high, 0
// or 1. JSON and CSV begin so, and UTF-8 text has no zero bytes.
func isUnmarked(head []byte, high int) bool {
	return len(head) == headBytes && head[high] == 0 && head[high+2] == 0 && head[1-high] > 0 && head[3-high] > 0
}

// headed returns the first bytes of text, which were read before, and then the rest.
type headed struct {
	head []byte
	err  error // that came with the first bytes
	rest io.Reader
}

// Read implements io.Reader.
func (h *headed) Read(p []byte) (int, error) {
	if len(h.head) > 0 {
		n := copy(p, h.head)
		h.head = h.head[n:]
		return n, nil
	}
	if h.err != nil {
		return 0, h.err
	}
	return h.rest.Read(p)
}

// decoded returns UTF-16 text as UTF-8.
type decoded struct {
	text  *bufio.Reader
	isBig bool   // the high byte of each unit comes first
	ahead rune   // a unit that belongs to the next character; -1: none
	left  []byte // of a character that did not fit
	spare [utf8.UTFMax]byte
	err   error
}

// decodedBytes is the number of bytes of text read at once.
const decodedBytes = 32 << 10

// Read implements io.Reader.
func (d *decoded) Read(p []byte) (int, error) {
	n := copy(p, d.left)
	d.left = d.left[n:]
	for len(d.left) == 0 && n < len(p) && d.err == nil {
		var c rune
		if c, d.err = d.char(); d.err != nil {
			break
		}
		size := utf8.EncodeRune(d.spare[:], c)
		written := copy(p[n:], d.spare[:size])
		d.left = d.spare[written:size]
		n += written
	}
	if n > 0 {
		return n, nil
	}
	return 0, d.err
}

// char returns the next character; half a surrogate pair becomes U+FFFD.
func (d *decoded) char() (rune, error) {
	first := d.ahead
	d.ahead = -1
	if first < 0 {
		var err error
		if first, err = d.unit(); err != nil {
			return 0, err
		}
	}
	if !utf16.IsSurrogate(first) {
		return first, nil
	}
	second, err := d.unit()
	if err == io.EOF {
		return utf8.RuneError, nil
	}
	if err != nil {
		return 0, err
	}
	if c := utf16.DecodeRune(first, second); c != utf8.RuneError {
		return c, nil
	}
	d.ahead = second
	return utf8.RuneError, nil
}

// unit returns the next 16 bits. A single byte at the end is half a unit.
func (d *decoded) unit() (rune, error) {
	var b [2]byte
	if _, err := io.ReadFull(d.text, b[:]); err != nil {
		return 0, err
	}
	if d.isBig {
		b[0], b[1] = b[1], b[0]
	}
	return rune(b[0]) | rune(b[1])<<8, nil
}
