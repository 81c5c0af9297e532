package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
)

// concatenation returns all rows of its inputs, one input after the other. The inputs have the columns in output
// order.
type concatenation struct {
	inputs []Operator

	current int
}

func (c *concatenation) Next(ctx context.Context) (*batch.Batch, error) {
	for ; c.current < len(c.inputs); c.current++ {
		b, err := c.inputs[c.current].Next(ctx)
		if b != nil || err != nil {
			return b, err
		}
	}
	return nil, nil
}

func (c *concatenation) Close() { closeAll(c.inputs) }

func closeAll(operators []Operator) {
	for _, o := range operators {
		o.Close()
	}
}
