package exec

// readToEnd tells an operator that whoever reads its rows reads all of them, unless one fails, so that it may read
// its own input ahead: no LIMIT makes that read in vain.
func readToEnd(o Operator) {
	switch o := o.(type) {
	case *distinct:
		if o.ahead != nil { // it was not told yet
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
