package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
)

// expander turns a batch into any number of batches. It has no state, so the workers of a scan share it.
type expander interface {
	expand(ctx context.Context, b *batch.Batch) (expansion, error)
}

// expansion returns the batches made of one batch, nil after the last.
type expansion interface {
	next(ctx context.Context) (*batch.Batch, error)
}

// stage turns one batch into another, nil when no row is left. It has no state, so the workers of a scan share it.
type stage interface {
	apply(b *batch.Batch) (*batch.Batch, error)
}

// oneToOne is a stage as an expander.
type oneToOne struct{ stage }

func (o oneToOne) expand(_ context.Context, b *batch.Batch) (expansion, error) {
	b, err := o.apply(b)
	return &single{b}, err
}

// single returns one batch, none if it is nil.
type single struct{ batch *batch.Batch }

func (s *single) next(context.Context) (*batch.Batch, error) {
	b := s.batch
	s.batch = nil
	return b, nil
}

// flow passes one batch through stages in order: each batch that a stage makes goes through the next stage.
type flow struct {
	stages []expander
	open   []expansion // the batch itself, then what each stage makes of its current batch
}

func flowOf(b *batch.Batch, stages []expander) *flow {
	return &flow{stages: stages, open: []expansion{&single{b}}}
}

// next returns the next batch that has passed all stages, nil after the last.
func (f *flow) next(ctx context.Context) (*batch.Batch, error) {
	for len(f.open) > 0 {
		n := len(f.open)
		b, err := f.open[n-1].next(ctx)
		switch {
		case err != nil:
			return nil, err
		case b == nil:
			f.open = f.open[:n-1]
			continue
		case n > len(f.stages):
			return b, nil
		}
		made, err := f.stages[n-1].expand(ctx, b)
		if err != nil {
			return nil, err
		}
		f.open = append(f.open, made)
	}
	return nil, nil
}

// stagedBatch is a batch that has passed the stages of a scan or a window, or its groups.
type stagedBatch struct {
	batch  *batch.Batch
	groups *groupedBatch // of the batch, which is nil then
	bytes  int64         // reserved for batch or groups
}

// nextOutput returns the next output of a flow, nil at its end. It reserves nothing.
func (s *scan) nextOutput(ctx context.Context, f *flow) (*stagedBatch, error) {
	b, err := f.next(ctx)
	if b == nil || err != nil {
		return nil, err
	}
	out := &stagedBatch{batch: b}
	if s.grouping != nil && s.above == nil {
		if out.groups, err = s.grouping.group(b); err != nil {
			return nil, err
		}
	}
	if out.groups != nil {
		out.batch, out.bytes = nil, out.groups.bytes()
	} else {
		out.bytes = batchBytes(b)
	}
	return out, nil
}

// Where joins or UNNEST may multiply rows, a worker prepares no more than this of one row group.
const (
	maxReadyOutputs = 4
	maxReadyBytes   = 4 << 20
)

// makeReady prepares a row group's output up to these limits. The consumer makes the rest.
func (s *scan) makeReady(ctx context.Context, r *groupResult, rows *batch.Batch) error {
	f := flowOf(rows, s.groups.stages)
	if !s.mayMultiply {
		return s.makeAllReady(ctx, r, f)
	}
	bytes := batchBytes(rows)
	if err := s.holdAhead(ctx, r, bytes); err != nil {
		return err
	}
	for ready := int64(0); len(r.ready) < maxReadyOutputs && ready <= maxReadyBytes && s.memory.HasRoom(bytes, spillingShare); {
		out, err := s.nextReady(ctx, r, f)
		if out == nil || err != nil {
			s.memory.release(bytes)
			return err
		}
		ready += out.bytes
	}
	r.rest, r.restBytes = f, bytes
	return nil
}

func (s *scan) makeAllReady(ctx context.Context, r *groupResult, f *flow) error {
	for {
		if out, err := s.nextReady(ctx, r, f); out == nil || err != nil {
			return err
		}
	}
}

// nextReady adds the next output of a flow to what is ready of a row group, and returns it; nil at the end.
func (s *scan) nextReady(ctx context.Context, r *groupResult, f *flow) (*stagedBatch, error) {
	out, err := s.nextOutput(ctx, f)
	if out == nil || err != nil {
		return nil, err
	}
	if err := s.holdAhead(ctx, r, out.bytes); err != nil {
		s.forgetGroups(out)
		return nil, err
	}
	r.ready = append(r.ready, out)
	return out, nil
}

// forgetGroups notes that grouped rows were taken, or given up.
func (s *scan) forgetGroups(out *stagedBatch) {
	if out.groups != nil {
		s.grouping.forget(out.groups)
	}
}

// takeOutput returns the next output of the current row group, nil at its end.
func (s *scan) takeOutput(ctx context.Context, r *groupResult) (out *stagedBatch, err error) {
	s.memory.release(s.last)
	s.last = 0
	switch {
	case len(r.ready) > 0:
		out, r.ready = r.ready[0], r.ready[1:]
	case r.panic != nil:
		panic(r.panic)
	case r.err != nil:
		return nil, r.err
	case r.rest != nil:
		if out, err = s.nextOutput(ctx, r.rest); err == nil && out != nil {
			err = s.memory.add(out.bytes)
		}
		if err != nil {
			return nil, err
		}
	}
	if out == nil {
		s.memory.release(r.restBytes)
		return nil, nil
	}
	s.last = out.bytes
	return out, nil
}

// feeder reads what stages of a scan need before it starts: the right sides of joins.
type feeder interface {
	// prepare is called once. ended reports that the scan will return no row.
	prepare(ctx context.Context) (ended bool, err error)
	// spilledOver is called after prepare. If the right side was spilled, it returns an operator that does the
	// stage's work on the rows of input; nil: the stage can do it. The feeder closes the operator, but not its
	// input.
	spilledOver(input Operator) Operator
	Close()
}

// stageFeeder is the feeder of a stage.
type stageFeeder struct {
	feeder
	stage int // index among the stages
}

// feed prepares the stages, the upper ones first. ended reports that no row will come.
func (s *scan) feed(ctx context.Context) (ended bool, err error) {
	for i := len(s.feeders) - 1; i >= 0; i-- {
		if ended, err = s.feeders[i].prepare(ctx); ended || err != nil {
			return ended, err
		}
	}
	s.cutStages()
	return false, nil
}

// cutStages leaves to the workers the stages below the first one whose right side was spilled. The consumer does
// the others.
func (s *scan) cutStages() {
	stages := s.groups.stages
	var top Operator = belowCut{s}
	begin := 0 // first of the stages above top
	for _, f := range s.feeders {
		on := top
		if s.above != nil {
			on = &stagedRows{input: top, stages: stages[begin:f.stage]}
		}
		spilled := f.spilledOver(on)
		if spilled == nil {
			continue
		}
		if s.above == nil {
			s.groups.stages = stages[:f.stage]
		}
		top, begin, s.above = spilled, f.stage+1, spilled
	}
	if s.above != nil {
		s.above = &stagedRows{input: top, stages: stages[begin:]}
	}
}

// belowCut returns the rows that a scan's workers make.
type belowCut struct{ *scan }

func (b belowCut) Next(ctx context.Context) (*batch.Batch, error) {
	out, err := b.nextOfGroups(ctx)
	if out == nil || err != nil {
		return nil, err
	}
	return out.batch, nil
}

// stagedRows does stages on an operator's rows. It does not close the operator.
type stagedRows struct {
	input  Operator
	stages []expander

	flow *flow // of the current batch; nil: none
}

func (r *stagedRows) Next(ctx context.Context) (*batch.Batch, error) {
	for {
		if r.flow != nil {
			b, err := r.flow.next(ctx)
			if b != nil || err != nil {
				return b, err
			}
			r.flow = nil
		}
		b, err := r.input.Next(ctx)
		if b == nil || err != nil {
			return nil, err
		}
		r.flow = flowOf(b, r.stages)
	}
}

func (r *stagedRows) Close() {}
