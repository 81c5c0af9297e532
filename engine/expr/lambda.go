package expr

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
)

// lambda is a compiled lambda. captures reports whether its body reads anything but its own parameters.
type lambda struct {
	body     node
	returns  arrow.DataType
	captures bool
}

// boundLambda is a lambda bound to the rows of a frame.
type boundLambda struct {
	lambda *lambda
	outer  *frame
}

func (n *lambda) bind(f *frame) function.Lambda {
	return &boundLambda{n, f}
}

// Call implements function.Lambda.
func (l *boundLambda) Call(env *function.Env, params []batch.Vector, outer []int32, rows int) (batch.Vector, error) {
	if !l.lambda.captures {
		outer = nil
	}
	if rows == 0 {
		return batch.Vector{Array: batch.Nulls(l.lambda.returns, 0)}, nil
	}
	v, err := l.lambda.body.eval(l.outer.enter(env, params, outer, rows))
	if err != nil || v.Const {
		return v, err
	}
	return batch.Vector{Array: env.Decode(v.Array)}, nil
}
