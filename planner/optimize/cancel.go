package optimize

// stepsPerCheck is the number of steps of the rules between two checks of the context.
const stepsPerCheck = 1024

// cancelled is the panic that ends the rules when the context ends, because rules return no errors. It does not
// leave Optimize.
type cancelled struct{ err error }

// step is called for each expression, or pair of items, that a rule visits. The time between two calls is short for
// any statement.
func (o *optimizer) step() {
	if o.steps++; o.steps%stepsPerCheck == 0 {
		o.checkCancelled()
	}
}

func (o *optimizer) checkCancelled() {
	if err := o.ctx.Err(); err != nil {
		panic(cancelled{err})
	}
}

func recoverCancelled(err *error) {
	switch p := recover().(type) {
	case nil:
	case cancelled:
		*err = p.err
	default:
		panic(p)
	}
}
