package expr

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
)

// lambda is a compiled lambda; captures says whether its body reads anything
// but its own parameters.
type lambda struct {
	body     node
	returns  arrow.DataType
	captures bool
	step     *step // of a step of reduce, nil if it is not divided
	// isExtreme: it is a step of reduce that gives the greater or the smaller one of the state and the element.
	isExtreme bool
}

// boundLambda is a lambda that sees the rows of a frame.
type boundLambda struct {
	lambda *lambda
	outer  *frame
}

func (n *lambda) bind(f *frame) function.Lambda {
	if n.step != nil {
		return &boundStep{boundLambda{n, f}, n.step}
	}
	return &boundLambda{n, f}
}

// IsExtreme implements function.ExtremeStep.
func (l *boundLambda) IsExtreme() bool { return l.lambda.isExtreme }

// Call implements function.Lambda.
func (l *boundLambda) Call(env *function.Env, params []batch.Vector, outer []int32, rows int) (batch.Vector, error) {
	v, err := l.evaluate(env, params, outer, rows)
	if err != nil || v.Const {
		return v, err
	}
	return batch.Vector{Array: env.Decode(v.Array)}, nil
}

// evaluate is Call whose texts may be codes of a dictionary.
func (l *boundLambda) evaluate(env *function.Env, params []batch.Vector, outer []int32, rows int) (batch.Vector, error) {
	if !l.lambda.captures {
		outer = nil
	}
	if rows == 0 {
		return batch.Vector{Array: batch.Nulls(l.lambda.returns, 0)}, nil
	}
	return l.lambda.body.eval(l.outer.enter(env, params, outer, rows))
}
