package function

import (
	"unicode/utf8"

	"github.com/auditlake/auditlake/engine/batch"
)

// translation holds the replacement of each code point of from.
type translation struct {
	from, to string
	// others has the code points that change; -1, as in strings.Map, removes one.
	others map[rune]rune
	// ascii has the same for ASCII, and removed, if keepsASCII is set: ASCII text then becomes ASCII text.
	ascii        [utf8.RuneSelf]byte
	keepsASCII   bool
	removesASCII bool
}

const removed = utf8.RuneSelf

func newTranslation(env *Env, from, to string) (*translation, error) {
	t := &translation{from: from, to: to, others: map[rune]rune{}, keepsASCII: true}
	for c := range t.ascii {
		t.ascii[c] = byte(c)
	}
	replacements := []rune(to)
	for i, r := range []rune(from) {
		if err := env.Stopped(); err != nil {
			return nil, err
		}
		if _, ok := t.others[r]; ok {
			continue
		}
		other := rune(-1)
		if i < len(replacements) {
			other = replacements[i]
		}
		t.add(r, other)
	}
	return t, nil
}

func (t *translation) add(r, other rune) {
	t.others[r] = other
	switch {
	case r >= utf8.RuneSelf:
	case other < 0:
		t.ascii[r], t.removesASCII = removed, true
	case other < utf8.RuneSelf:
		t.ascii[r] = byte(other)
	default:
		t.keepsASCII = false
	}
}

// of is the mapping for strings.Map.
func (t *translation) of(r rune) rune {
	if other, ok := t.others[r]; ok {
		return other
	}
	return r
}

// append appends the translation of text.
func (t *translation) append(env *Env, dst []byte, text string) ([]byte, error) {
	if t.keepsASCII && len(text) <= pieceBytes && batch.IsASCII(text) {
		return t.appendASCII(dst, text), nil
	}
	translated, err := mapCodePoints(env, text, t.of)
	return batch.AppendText(dst, translated), err
}

func (t *translation) appendASCII(dst []byte, text string) []byte {
	end := len(dst)
	dst = append(dst, text...)
	if !t.removesASCII {
		for i, c := range dst[end:] {
			dst[end+i] = t.ascii[c&(utf8.RuneSelf-1)]
		}
		return dst
	}
	for _, c := range dst[end:] {
		other := t.ascii[c&(utf8.RuneSelf-1)]
		dst[end] = other
		if other != removed {
			end++
		}
	}
	return dst[:end]
}

// translateTexts is translate for a column. It rebuilds the translation only if the letters change.
var translateTexts = appendBindEnv(itsBytes, func(env *Env, args []batch.Vector) func([]byte, int) ([]byte, error) {
	texts, from, to := columnOf[string](args[0]), columnOf[string](args[1]), columnOf[string](args[2])
	var t *translation
	return func(dst []byte, i int) ([]byte, error) {
		if t == nil || t.from != from.at(i) || t.to != to.at(i) {
			var err error
			if t, err = newTranslation(env, from.at(i), to.at(i)); err != nil {
				return nil, err
			}
		}
		return t.append(env, dst, texts.at(i))
	}
})
