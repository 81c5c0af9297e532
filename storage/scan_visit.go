package storage

import "github.com/auditlake/auditlake/storage/orc"

// openedSegment is an open segment.
type openedSegment struct {
	path     string
	err      error // why it cannot be read; the fields below are meaningless then
	reader   *orc.Reader
	mayMatch bool            // by the segment's statistics
	checks   []check         // left open by these
	stripes  []*openedStripe // judged but not visited yet
}

// openedStripe is a stripe, open unless its statistics exclude it.
type openedStripe struct {
	err      error   // why it cannot be read; the fields below are meaningless then
	mayMatch bool    // by the stripe's statistics
	checks   []check // left open by these
	stripe   *orc.Stripe
	groups   int
}

// visit visits a part: a segment adds its stripes to the queue, a stripe its row groups.
func (sc *Scan) visit(v *visit) (*RowGroup, error) {
	switch {
	case v.hot != nil:
		return sc.giveOutHot(v), nil
	case v.stripe != nil:
		return sc.visitGroup(v)
	case v.opened != nil:
		return nil, sc.visitStripe(v)
	}
	return nil, sc.visitSegment(v)
}

// visitSegment evaluates a segment by its statistics, which are free.
func (sc *Scan) visitSegment(v *visit) error {
	opened := sc.comeTo(v.segment)
	if opened.err != nil {
		return opened.err
	}
	reader := opened.reader
	sc.noteSegment(v.segment, reader, opened.mayMatch)
	if !opened.mayMatch {
		return nil
	}
	first := v.position
	for number := range reader.NumStripes() {
		reach, err := sc.reachOf(v.reach, func() (orc.Statistics, error) { return reader.StripeStatistics(number, orc.Column(timeColumn)) })
		if err != nil {
			return readError(opened.path, err)
		}
		sc.queue.addVisit(&visit{reach: reach, position: first, segment: v.segment, opened: opened, number: number})
		first += reader.StripeRows(number)
	}
	return nil
}

// openSegment opens a segment and evaluates it by its statistics.
func (sc *Scan) openSegment(segment int) *openedSegment {
	s := sc.segments[segment]
	o := &openedSegment{path: sc.pathOf(segment)}
	if o.reader, o.err = sc.snapshot.openSegment(o.path, s, sc.table); o.err != nil {
		return o
	}
	var err error
	o.checks, o.mayMatch, err = narrow(sc.checks, func(path orc.Path) (orc.Statistics, error) {
		if path.String() == timeColumn {
			return timeStatistics(s.Rows, s.MinTime, s.MaxTime), nil
		}
		return o.reader.Statistics(path)
	})
	if err != nil {
		o.err = readError(o.path, err)
	}
	o.stripes = make([]*openedStripe, o.reader.NumStripes())
	return o
}

// noteSegment counts an opened segment.
func (sc *Scan) noteSegment(segment int, reader *orc.Reader, mayMatch bool) {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	if mayMatch {
		sc.stats.RowGroupsTotal += groupsOf(reader)
		return
	}
	sc.stats.SegmentsPruned++
	if sc.empty == nil {
		sc.empty = map[int]bool{}
	}
	sc.empty[segment] = true
}

// visitStripe visits a stripe unless the stripes' statistics, which are free, exclude it.
func (sc *Scan) visitStripe(v *visit) error {
	opened := sc.judgeStripe(v.opened, v.number)
	v.opened.stripes[v.number] = nil // its memory is freed with its last row group
	if opened.err != nil {
		return opened.err
	}
	groups := opened.groups
	if !opened.mayMatch {
		sc.prunedGroups(groups)
		return nil
	}
	for group := range groups {
		next := *v
		next.stripe, next.group = opened, group
		next.position += int64(group) * int64(v.opened.reader.GroupRows())
		if groups > 1 { // a single group reaches as far as its stripe
			var err error
			next.reach, err = sc.reachOf(v.reach, func() (orc.Statistics, error) {
				return opened.stripe.Statistics(group, orc.Column(timeColumn), sc.pruningOf(v.segment))
			})
			if err != nil {
				return readError(v.opened.path, err)
			}
		}
		sc.queue.addVisit(&next)
	}
	return nil
}

// judgeStripe opens a stripe of a segment if its statistics do not exclude it, unless that is done already.
func (sc *Scan) judgeStripe(o *openedSegment, number int) *openedStripe {
	if st := o.stripes[number]; st != nil {
		return st
	}
	st := &openedStripe{groups: o.reader.StripeGroups(number)}
	o.stripes[number] = st
	st.checks, st.mayMatch, st.err = narrow(o.checks, func(path orc.Path) (orc.Statistics, error) {
		return o.reader.StripeStatistics(number, path)
	})
	if st.err == nil && st.mayMatch {
		st.stripe, st.err = o.reader.Stripe(number)
	}
	if st.err != nil {
		st.err = readError(o.path, st.err)
	}
	return st
}

// visitGroup returns a row group unless statistics and bloom filters exclude it. What it reads for that is charged
// to the next returned row group.
func (sc *Scan) visitGroup(v *visit) (*RowGroup, error) {
	open, mayMatch, err := sc.judgeGroup(v)
	if err != nil {
		return nil, readError(v.opened.path, err)
	}
	if !mayMatch {
		sc.prunedGroups(1)
		return nil, nil
	}
	sc.notePruning()
	return sc.giveOut(v, open), nil
}

// judgeGroup evaluates the cheaper statistics of a row group first, bloom filters last.
func (sc *Scan) judgeGroup(v *visit) (open []check, mayMatch bool, err error) {
	st, usage := v.stripe, sc.pruningOf(v.segment)
	for _, path := range sc.asked {
		if err := chargePruning(st.stripe, v.group, path, usage); err != nil {
			return nil, false, err
		}
	}
	open = st.checks
	if st.groups > 1 { // a single group has the stripe's statistics
		open, mayMatch, err = narrow(st.checks, func(path orc.Path) (orc.Statistics, error) {
			return st.stripe.Statistics(v.group, path, usage)
		})
		if err != nil || !mayMatch {
			return nil, false, err
		}
	}
	for i := range open {
		mayMatch, err := askBloom(st.stripe, v.group, &open[i], usage)
		if err != nil || !mayMatch {
			return nil, false, err
		}
	}
	return open, true, nil
}

// chargePruning adds what pruning by a path may read.
func chargePruning(stripe *orc.Stripe, group int, path orc.Path, usage *orc.Usage) error {
	if _, err := stripe.Statistics(group, path, usage); err != nil || !stripe.HasBloom(path) {
		return err
	}
	_, err := stripe.MayContain(group, path, nil, usage)
	return err
}

// askBloom reports whether a row group may hold one of a domain's values.
func askBloom(stripe *orc.Stripe, group int, c *check, usage *orc.Usage) (bool, error) {
	if len(c.texts) == 0 {
		return true, nil
	}
	return stripe.MayContain(group, c.path, c.texts, usage)
}
