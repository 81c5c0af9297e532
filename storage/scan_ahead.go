package storage

import (
	"cmp"
	"slices"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/orc"
)

// maxAhead is how many segments a scan opens at most before it comes to them.
const maxAhead = 8

// ahead is what a scan knows of the segments to come: files are told what will be read of them, and opened, before
// the scan comes to them, so that the disk has work for several at the same time. What that finds, errors too, counts
// only when the scan is there.
type ahead struct {
	sure   []orc.Path // are read of every row group that is left
	order  []int      // the segments, as the scan will come to them
	came   int        // to so many of order; the numbers below are not smaller
	told   int        // so many of order know that their tails will be read
	opened int        // so many are open, and know that their stripes' footers will be read
	asked  int        // so many know of the columns
	ready  map[int]*openedSegment
	paths  []string // of the segments' files, "" until pathOf

	reads map[string]int // by path: the row groups of which it was read; Scan.mu
	most  int            // of them
}

// newAhead expects segments to be visited in an order, each wholly before the next.
func newAhead(order Order, segments []*catalog.Segment) ahead {
	a := ahead{order: make([]int, len(segments)), ready: map[int]*openedSegment{}, paths: make([]string, len(segments)), reads: map[string]int{}}
	for i := range a.order {
		a.order[i] = i
	}
	if order != InScanOrder {
		reach := func(i int) int64 { return order.reach(segments[i].MinTime, segments[i].MaxTime) }
		slices.SortStableFunc(a.order, func(i, j int) int { return cmp.Compare(reach(j), reach(i)) })
	}
	return a
}

// expect notes the columns that are read of every row group left.
func (a *ahead) expect(columns []string) {
	for _, path := range columns {
		a.sure = append(a.sure, orc.ParsePath(storedPath(path)))
	}
}

// comeTo gives a segment that the scan has come to, which is open, or says why not. The farther a scan has come, the
// farther it looks ahead: one that soon ends should read little in vain.
func (sc *Scan) comeTo(segment int) *openedSegment {
	a := &sc.ahead
	depth := min(2*a.came, maxAhead)
	a.came++
	a.told = sc.each(a.told, a.came+2*depth+1, sc.expectTail)
	a.opened = sc.each(a.opened, a.came+depth, sc.openAhead)
	a.asked = sc.each(a.asked, a.came+depth/2, sc.expectColumns)
	if opened := a.ready[segment]; opened != nil {
		delete(a.ready, segment)
		return opened
	}
	return sc.openSegment(segment)
}

// each calls do for the segments of ahead's order from one to before another, up to what is not wanted, and returns
// how far it came.
func (sc *Scan) each(from, to int, do func(segment int)) int {
	for ; from < min(to, len(sc.ahead.order)); from++ {
		i := sc.ahead.order[from]
		s := sc.segments[i]
		if sc.order.reach(s.MinTime, s.MaxTime) < sc.until.Load() {
			break
		}
		do(i)
	}
	return from
}

// pathOf is where the file of a segment lies.
func (sc *Scan) pathOf(segment int) string {
	path := &sc.ahead.paths[segment]
	if *path == "" {
		*path = sc.snapshot.lake.SegmentPath(sc.segments[segment])
	}
	return *path
}

func (sc *Scan) expectTail(segment int) {
	path := sc.pathOf(segment)
	if !sc.snapshot.cache.Has(tailKey{path}) {
		orc.ExpectTail(&pooledFile{pool: sc.snapshot.lake.files, path: path}, sc.segments[segment].Bytes)
	}
}

func (sc *Scan) openAhead(segment int) {
	opened := sc.openSegment(segment)
	sc.ahead.ready[segment] = opened
	if opened.mayMatch {
		opened.reader.ExpectStripes()
	}
}

// expectColumns opens the stripes of a segment, and tells of the columns that are read of all row groups, or were of
// half of those so far.
func (sc *Scan) expectColumns(segment int) {
	opened := sc.ahead.ready[segment]
	if opened == nil || !opened.mayMatch {
		return
	}
	often := sc.oftenRead()
	for number := range opened.stripes {
		st := sc.judgeStripe(opened, number)
		if st.err != nil || !st.mayMatch {
			continue
		}
		if pruning := prunesBy(st); len(pruning) > 0 {
			st.stripe.ExpectPruning(pruning)
		} else {
			st.stripe.Expect(sc.ahead.sure)
		}
		st.stripe.Expect(often)
	}
}

// prunesBy is the columns by which row groups of a stripe may be left out.
func prunesBy(st *openedStripe) []orc.Path {
	var paths []orc.Path
	for _, c := range st.checks {
		if st.groups > 1 || len(c.texts) > 0 && st.stripe.HasBloom(c.path) {
			paths = append(paths, c.path)
		}
	}
	return paths
}

// noteRead counts a read of a row group. The caller holds Scan.mu.
func (a *ahead) noteRead(stored []string) {
	for _, path := range stored {
		a.reads[path]++
		a.most = max(a.most, a.reads[path])
	}
}

// oftenRead is the columns that were read of at least half as many row groups as any.
func (sc *Scan) oftenRead() []orc.Path {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	var paths []orc.Path
	for path, n := range sc.ahead.reads {
		if 2*n >= sc.ahead.most {
			paths = append(paths, sc.paths.parse(path))
		}
	}
	return paths
}
