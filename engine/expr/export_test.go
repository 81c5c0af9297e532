package expr

// CallNames are the names of the functions that an evaluator calls, each as often as it stands there, from its root on.
func CallNames(e Evaluator) []string { return callNames(e.(*evaluator).root) }

func callNames(n node) (names []string) {
	var below []node
	switch n := n.(type) {
	case *call:
		names, below = append(names, n.fn.Name), n.args
	case *part:
		below = []node{n.node}
	case *fieldOf:
		below = []node{n.arg}
	case *try:
		below = []node{n.arg}
	case settled:
		below = []node{n.node}
	case *andOr:
		below = n.args
	case *ofColumn:
		below = []node{n.node}
	case *caseWhen:
		below = append(append(append(below, n.conditions...), n.values...), n.otherwise)
	}
	for _, n := range below {
		names = append(names, callNames(n)...)
	}
	return names
}
