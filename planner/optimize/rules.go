package optimize

import "github.com/auditlake/auditlake/planner/plan"

// rule is one rewrite of a whole plan.
type rule struct {
	name  string
	apply func(o *optimizer, n plan.Node) plan.Node
}

// rules in the order they run.
var rules = []rule{
	{"inline renamed columns", inlineRenames},
	{"fold constants", foldConstants},
	{"inline projections of constant rows", inlineValues}, // needs the rows folded
	{"push filters down", pushFilters},                    // also turns cross joins with a condition into inner joins
	{"fold constants again", foldConstants},               // conditions that moved met constants
	{"remove empty inputs", removeEmpty},
	{"join by equal keys", joinKeys}, // needs the conditions that the pushdown left at joins
	{"cross join keys", crossKeys},   // needs keys
	{"order joins", reorderJoins},    // needs keys, and the filters at the scans
	{"push limits down", pushLimits},
	{"prune columns", pruneColumns},
	{"read struct fields", readFields},              // needs bare uses of rows pruned away
	{"read map entries", readEntries},               // maps inside rows are columns now
	{"inline renamed columns again", inlineRenames}, // fields that are columns now
	{"prune columns again", pruneColumns},
	{"order scan filters", orderScanFilters},
	{"derive domains", deriveDomains},
	{"choose build sides", chooseBuildSides}, // needs the filters at the scans
	{"remove projections", removeProjections},
	{"read columns late", lateColumns},     // needs scans right below the top-N
	{"reuse equal plans", reusePlans},      // compares what pushing and pruning have left
	{"filter at run time", runtimeFilters}, // not into plans that are shared
	{"reuse equal scans", reuseScans},      // those without such a filter
}
