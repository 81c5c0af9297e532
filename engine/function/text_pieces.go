package function

import (
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A function that takes long for a text as long as a value may be works on it piece by piece: it ends soon after its
// statement, and counts what it makes before it is there.

// pieceBytes is about how long a piece is. A text up to it is one piece.
const pieceBytes = 64 << 10

// inPieces joins what convert makes of the pieces of s, which end where end says: after how many bytes of the rest.
func inPieces(env *Env, s string, end func(rest string) int, convert func(piece string) string) (string, error) {
	if len(s) <= pieceBytes {
		return convert(s), nil
	}
	meter := meterOf(env)
	before := meter.Used()
	defer func() { _ = meter.Settle(before) }() // less is never refused; the caller counts the result
	var out []byte
	for s != "" {
		if err := meter.Stopped(); err != nil {
			return "", err
		}
		n := end(s)
		piece := convert(s[:n])
		if err := env.checkLength(int64(len(out) + len(piece))); err != nil {
			return "", err
		}
		var err error
		if out, err = withRoom(meter, out, len(piece)); err != nil {
			return "", err
		}
		out, s = append(out, piece...), s[n:]
	}
	return viewText(out), nil
}

// endOfCodePoints ends a piece between two code points. A text that is no UTF-8 divides anywhere there is none.
func endOfCodePoints(rest string) int {
	if len(rest) <= pieceBytes {
		return len(rest)
	}
	for n := pieceBytes; n > pieceBytes-utf8.UTFMax; n-- {
		if utf8.RuneStart(rest[n]) {
			return n
		}
	}
	return pieceBytes
}

// endOfForm ends a piece where what follows never joins, in a normal form, with what stands before.
func endOfForm(form norm.Form) func(rest string) int {
	return func(rest string) int {
		for from, to := 0, pieceBytes; to < len(rest); from, to = to, to+pieceBytes {
			for n := to; n > from; n-- {
				if !utf8.RuneStart(rest[n]) {
					continue
				}
				if p := form.PropertiesString(rest[n:]); p.Size() > 0 && p.BoundaryBefore() {
					return n
				}
			}
		}
		return len(rest)
	}
}
