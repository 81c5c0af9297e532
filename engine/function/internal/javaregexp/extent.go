package javaregexp

// extent is how many code points an expression takes, and what else decides
// whether it may stand in a lookbehind.
type extent struct {
	min, max int // max -1: no limit
	// even: each alternative of a group without number takes a fixed number.
	even      bool
	captures  bool // holds a numbered group
	notBehind bool // holds what no lookbehind may
}

var oneCodePoint = extent{min: 1, max: 1}

func (e extent) fixed() bool { return e.min == e.max }

const maxExtent = 1 << 30

func (e extent) repeated(q quantifier) extent {
	e.even = false
	e.min = min(e.min*q.least, maxExtent)
	switch {
	case e.max == 0 || q.most == 0:
		e.max = 0
	case e.max < 0 || q.most < 0:
		e.max = -1
	default:
		e.max = min(e.max*max(q.least, q.most), maxExtent)
	}
	e.notBehind = e.notBehind || q.possessive
	return e
}

// alternatives gathers the extent of what stands between bars.
type alternatives struct {
	whole  extent // of the finished ones
	count  int
	uneven bool // a finished one has no fixed length

	current extent
	items   int
}

func (a *alternatives) add(item extent) {
	c := &a.current
	c.even = item.even && a.items == 0
	a.items++
	c.min = min(c.min+item.min, maxExtent)
	if c.max < 0 || item.max < 0 {
		c.max = -1
	} else {
		c.max = min(c.max+item.max, maxExtent)
	}
	c.captures, c.notBehind = c.captures || item.captures, c.notBehind || item.notBehind
}

// next begins another alternative.
func (a *alternatives) next() {
	c, w := a.current, &a.whole
	if a.count == 0 {
		w.min, w.max = c.min, c.max
	}
	w.min = min(w.min, c.min)
	if w.max < 0 || c.max < 0 {
		w.max = -1
	} else {
		w.max = max(w.max, c.max)
	}
	w.captures, w.notBehind = w.captures || c.captures, w.notBehind || c.notBehind
	a.uneven = a.uneven || !c.fixed() && !c.even
	a.count++
	a.current, a.items = extent{}, 0
}

func (a *alternatives) extent() extent {
	a.next()
	a.whole.even = !a.uneven
	return a.whole
}
