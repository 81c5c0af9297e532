package batch

import "bytes"

// TextEnds returns the codes of the least and the greatest text, or 0, NULL's code, for both if there is none. It
// does not copy texts.
func (in *Interner) TextEnds() (low, high int32) {
	if c := in.numbered; c != nil && c.isWhole {
		c.texts.mu.RLock()
		defer c.texts.mu.RUnlock()
		return textEnds(len(c.numbers), func(n int) []byte { return c.texts.table.At(c.numbers[n]) })
	}
	return textEnds(in.texts.Len(), func(n int) []byte { return in.texts.At(int32(n)) })
}

// textEnds is TextEnds for the texts numbered [0, texts); text n has the code n+1.
func textEnds(texts int, text func(n int) []byte) (low, high int32) {
	if texts == 0 {
		return 0, 0
	}
	least, greatest := text(0), text(0)
	low, high = 1, 1
	for n := 1; n < texts; n++ {
		switch t := text(n); {
		case bytes.Compare(t, least) < 0:
			least, low = t, int32(n+1)
		case bytes.Compare(t, greatest) > 0:
			greatest, high = t, int32(n+1)
		}
	}
	return low, high
}
