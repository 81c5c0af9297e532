package optimize

// stepsPerCheck is how many steps rules do between two looks at the context.
const stepsPerCheck = 1024

// cancelled is the panic that ends the rules, which return no errors, when the
// context ends. It does not leave Optimize.
type cancelled struct{ err error }

// step is called for each expression, or pair of things, that a rule looks at:
// the time between two calls is short whatever the statement is.
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
