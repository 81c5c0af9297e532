package function

import (
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A function that may take long for a long text processes it piece by piece. It then ends soon after its statement,
// and accounts its result before building it.

// pieceBytes is the approximate length of a piece. A text up to it is one piece.
const pieceBytes = 64 << 10

// inPieces converts s piece by piece and joins the results. end returns the length of the next piece of the rest.
func inPieces(env *Env, s string, end func(rest string) int, convert func(piece string) string) (string, error) {
	if len(s) <= pieceBytes {
		return convert(s), nil
	}
	meter := meterOf(env)
	before := meter.Used()
	defer func() { _ = meter.Settle(before) }() // settling for less never fails; the caller accounts the result
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

// endOfCodePoints ends a piece between two code points. Invalid UTF-8 may be split anywhere.
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

// endOfForm ends a piece where the following text never combines with the preceding one in a normal form.
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
