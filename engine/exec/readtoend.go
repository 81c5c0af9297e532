package exec

// readToEnd marks an operator whose rows are all read, unless one fails. So it may read its own input ahead: no
// LIMIT ends the reading early.
func readToEnd(o Operator) {
	switch o := o.(type) {
	case *distinct:
		if o.ahead != nil { // not marked yet
			o.pipeline, o.ahead = o.ahead, nil
		}
	case *scan:
		o.isReadToEnd = true
	case *filter:
		readToEnd(o.input)
	case *project:
		readToEnd(o.input)
	case *pick:
		readToEnd(o.input)
	case *meter:
		readToEnd(o.Operator)
	case *hashJoin:
		readToEnd(o.left)
	case *semiJoin:
		readToEnd(o.left)
	case *ahead:
		readToEnd(o.input)
	case *sharedReader:
		o.isReadToEnd = true
	}
}
