package storage

import (
	"cmp"
	"slices"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/orc"
)

// maxAhead is the maximum number of segments that a scan opens before it reaches them.
const maxAhead = 8

// ahead is the lookahead of a scan. Before the scan reaches a segment, it announces the reads to come to the file
// and opens it, so that the disk works on several at the same time. What that finds, including errors, counts only
// when the scan reaches the segment.
type ahead struct {
	sure   []orc.Path // read of every remaining row group
	order  []int      // the segments in the order of the scan
	came   int        // segments reached, as an index into order; the counters below are not smaller
	told   int        // end in order of the segments with announced tails
	opened int        // end of the opened ones, with announced stripe footers
	asked  int        // end of those with announced columns
	ready  map[int]*openedSegment
	paths  []string // of the segments' files, "" until pathOf

	reads map[string]int // by path: the number of row groups that read it; Scan.mu
	most  int            // the greatest of them
}

// newAhead expects segments to be visited in an order, each completely before the next.
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

// expect sets the columns that are read of every remaining row group.
func (a *ahead) expect(columns []string) {
	for _, path := range columns {
		a.sure = append(a.sure, orc.ParsePath(storedPath(path)))
	}
}

// comeTo returns the segment that the scan has reached, opened or with its error. The farther a scan has come, the
// farther it looks ahead: a scan that ends soon should read little in vain.
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

// each calls do for the segments in [from, to) of ahead's order, up to the first unwanted one, and returns where it
// stopped.
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

// pathOf returns the path of a segment's file.
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

// expectColumns opens the stripes of a segment. It announces the columns that every row group reads, or at least
// half of those so far have read.
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

// prunesBy returns the columns by which row groups of a stripe may be pruned.
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

// oftenRead returns the columns that were read at least half as often as the most read one.
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
