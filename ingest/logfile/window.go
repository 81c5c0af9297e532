package logfile

import (
	"bytes"
	"hash"
	"io"
)

// window is the part of a file that is in memory. It moves on as bytes are consumed and grows while bytes must be
// kept.
type window struct {
	source *source
	digest hash.Hash // of the file up to buf[hashed]
	buf    []byte
	base   int64 // offset of buf[0] in the file
	pos    int   // of the next byte in buf
	hashed int   // bytes of buf that the digest covers
	end    error // io.EOF or an *ingest.Failure, once there are no more bytes

	keep    int  // bytes from here on stay in buf; -1: none
	most    int  // limit on the bytes that may be kept
	dropped bool // the limit was exceeded

	line int // end of the line that reading is confined to; 0: not confined
}

// windowBytes is the initial size of a window.
const windowBytes = 256 << 10

// reset prepares the window for another file. Memory that a large record took is freed.
func (w *window) reset() {
	buf := w.buf[:0]
	if cap(buf) > 4*windowBytes {
		buf = nil
	}
	w.digest.Reset()
	*w = window{source: w.source, digest: w.digest, most: w.most, buf: buf, keep: -1}
}

// open reads the first bytes of the file.
func (w *window) open() {
	if w.buf == nil {
		w.buf = make([]byte, 0, windowBytes)
	}
	for len(w.buf) < windowBytes && w.end == nil {
		w.read()
	}
}

// offset is the position in the file's uncompressed bytes.
func (w *window) offset() int64 { return w.base + int64(w.pos) }

// ahead returns the bytes in memory from pos on.
func (w *window) ahead() []byte {
	if w.line > 0 {
		return w.buf[w.pos:w.line]
	}
	return w.buf[w.pos:]
}

// fill reads more bytes after those in memory and reports whether there were any. It moves the window: positions
// change, and the caller must call ahead again.
func (w *window) fill() bool {
	if w.line > 0 || w.end != nil {
		return false
	}
	if w.keep >= 0 && w.pos-w.keep > w.most {
		w.keep, w.dropped = -1, true
	}
	from := w.pos
	if w.keep >= 0 {
		from = w.keep
	}
	w.hash(from)
	n := copy(w.buf, w.buf[from:])
	w.buf = w.buf[:n]
	w.base += int64(from)
	w.pos -= from
	w.hashed -= from
	w.keep = min(w.keep, 0)
	if n == cap(w.buf) {
		w.buf = append(make([]byte, 0, 2*n), w.buf...)
	}
	for w.end == nil {
		if w.read() > 0 {
			return true
		}
	}
	return false
}

// read appends bytes of the source to buf.
func (w *window) read() int {
	n, err := w.source.read(w.buf[len(w.buf):cap(w.buf)])
	w.buf = w.buf[:len(w.buf)+n]
	w.end = err
	return n
}

// hash extends the digest to buf[to].
func (w *window) hash(to int) {
	if to > w.hashed {
		w.digest.Write(w.buf[w.hashed:to])
		w.hashed = to
	}
}

// skip reads the rest of the file for the digest alone.
func (w *window) skip() {
	if w.buf == nil {
		w.buf = make([]byte, 0, windowBytes)
	}
	w.hash(len(w.buf))
	for w.end == nil {
		w.base += int64(len(w.buf))
		w.buf, w.pos, w.hashed, w.keep, w.line = w.buf[:0], 0, 0, -1, 0
		w.read()
		w.hash(len(w.buf))
	}
}

// mark keeps the bytes from pos on until kept is called.
func (w *window) mark() {
	w.keep, w.dropped = w.pos, false
}

// kept returns the bytes since mark; ok is false if they were too many. They are valid until the window moves.
func (w *window) kept() (text []byte, ok bool) {
	if !w.dropped {
		text = w.buf[w.keep:w.pos]
	}
	w.keep = -1
	return text, !w.dropped && len(text) <= w.most
}

// cut steps over the next n bytes, which are in memory, and returns them. If n is 0 or too large it returns nil
// without a step.
func (w *window) cut(n int) []byte {
	if n == 0 || n > w.most {
		return nil
	}
	w.pos += n
	return w.buf[w.pos-n : w.pos : w.pos]
}

// recordSeparator stands before each value of a JSON text sequence (RFC 7464).
const recordSeparator = '\x1e'

// space skips white space and returns the byte at pos; ok is false at the end of the file.
func (w *window) space() (c byte, ok bool) {
	for {
		for _, c := range w.ahead() {
			if c != ' ' && c != '\n' && c != '\r' && c != '\t' && c != recordSeparator {
				return c, true
			}
			w.pos++
		}
		if !w.fill() {
			return 0, false
		}
	}
}

// endsLine reports whether a line feed is next.
func (w *window) endsLine() bool {
	if len(w.ahead()) == 0 {
		w.fill()
	}
	next := w.ahead()
	return len(next) > 0 && next[0] == '\n'
}

// value steps over the value at pos by its outline alone: quotes, and equal numbers of opening and closing brackets
// of any kind. It returns false if the window ends first.
func (w *window) value() bool {
	switch w.buf[w.pos] {
	case '"':
		return w.str()
	case '{', '[':
		return w.nest()
	}
	return w.word()
}

// nest steps over an object or array.
func (w *window) nest() bool {
	depth := 0
	for {
		text := w.ahead()
		for i := 0; i < len(text); i++ {
			switch text[i] {
			case '"':
				w.pos += i
				if !w.str() {
					return false
				}
				text, i = w.ahead(), -1
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					w.pos += i + 1
					return true
				}
			}
		}
		w.pos += len(text)
		if !w.fill() {
			return false
		}
	}
}

// str steps over a string.
func (w *window) str() bool {
	w.pos++
	for {
		text := w.ahead()
		i := bytes.IndexByte(text, '"')
		if i >= 0 {
			w.pos += i + 1
			if backslashes(text[:i])%2 == 0 {
				return true
			}
			continue
		}
		// An escape must not be torn: its backslash stays in front.
		w.pos += len(text) - backslashes(text)%2
		if !w.fill() {
			return false
		}
	}
}

// backslashes counts the backslashes at the end of text.
func backslashes(text []byte) int {
	n := 0
	for n < len(text) && text[len(text)-1-n] == '\\' {
		n++
	}
	return n
}

// word steps over anything else, up to white space or a delimiter.
func (w *window) word() bool {
	for {
		text := w.ahead()
		if i := bytes.IndexAny(text, " \t\r\n,]}"); i >= 0 {
			w.pos += i
			return true
		}
		w.pos += len(text)
		if !w.fill() {
			return w.end == io.EOF || w.line > 0
		}
	}
}

// holdLine confines reading to the line at pos, which ends before the next line feed or with the file. It returns
// false if the line is longer than may be kept, or if the file breaks off within it; pos is then after the bytes
// read.
func (w *window) holdLine() bool {
	w.mark()
	searched := 0 // bytes of the line known to hold no line feed
	for {
		if i := bytes.IndexByte(w.buf[w.keep+searched:], '\n'); i >= 0 {
			w.line = w.keep + searched + i
			break
		}
		searched = len(w.buf) - w.keep
		w.pos = len(w.buf)
		if !w.fill() {
			w.line = len(w.buf)
			break
		}
		if w.dropped {
			w.restOfLine()
			return false
		}
	}
	w.pos, w.keep = w.keep, -1
	if w.line == len(w.buf) && w.end != io.EOF {
		w.line = 0
		return false
	}
	return true
}

// restOfLine steps past the next line feed.
func (w *window) restOfLine() {
	for {
		if i := bytes.IndexByte(w.buf[w.pos:], '\n'); i >= 0 {
			w.pos += i + 1
			return
		}
		w.pos = len(w.buf)
		if !w.fill() {
			return
		}
	}
}

// releaseLine steps to the end of the line and lets reading continue after it.
func (w *window) releaseLine() {
	w.pos, w.line = w.line, 0
}
