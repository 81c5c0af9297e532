package optimize

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
)

// rule is one rewrite of a whole plan.
type rule struct {
	id    string // listed by EXPLAIN VERBOSE; a rule that runs several times has one ID
	apply func(o *optimizer, n plan.Node) plan.Node
}

// Rules returns the IDs of the rules, each once, in the order in which they first run.
func Rules() []string {
	var ids []string
	for _, r := range rules {
		if !slices.Contains(ids, r.id) {
			ids = append(ids, r.id)
		}
	}
	return ids
}

// rules in the order they run.
var rules = []rule{
	{"prune_columns", pruneColumns}, // so that no rule handles columns of a table that nothing reads
	{"inline_renames", inlineRenames},
	{"fold_constants", foldConstants},
	{"inline_values", inlineValues},   // needs the rows folded
	{"common_terms", commonTerms},     // so that push_filters can push these terms
	{"push_filters", pushFilters},     // also turns cross joins with a condition into inner joins
	{"fold_constants", foldConstants}, // conditions that moved now contain constants
	{"count_cases", countCases},       // needs the constants of CASE folded
	{"filter_cases", filterCases},     // leaves counts to count_cases
	{"count_presence", countPresence},
	{"split_sums", splitSums},
	{"remove_empty", removeEmpty},
	{"join_keys", joinKeys},         // needs the conditions that the pushdown left at joins
	{"cross_keys", crossKeys},       // the same
	{"reorder_joins", reorderJoins}, // needs keys, and the filters at the scans
	{"distinct_lists", distinctLists},
	{"drop_distinct", dropDistinct},
	{"push_limits", pushLimits},
	{"prune_columns", pruneColumns},
	{"read_fields", readFields},       // needs bare uses of rows pruned away
	{"read_entries", readEntries},     // maps inside rows are columns now
	{"inline_renames", inlineRenames}, // fields that are columns now
	{"prune_columns", pruneColumns},   // rows and maps that are now read in parts
	{"dependent_keys", dependentKeys}, // needs keys that are fields to be columns
	{"push_top_n", pushTopNs},         // the same
	{"filter_parts", filterParts},     // rows and maps that are still read whole
	{"order_scan_filters", orderScanFilters},
	{"order_join_filters", orderJoinFilters},
	{"derive_domains", deriveDomains},
	{"choose_build_sides", chooseBuildSides}, // needs the filters at the scans
	{"joined_keys", joinedKeys},              // needs to know which side is the left one
	{"inline_lists", inlineLists},            // leaves projections that only pass columns on
	{"remove_projections", removeProjections},
	{"fold_constants", foldConstants},   // field accesses are now over rows that MakeRow builds
	{"prune_columns", pruneColumns},     // the other fields of these rows are not read
	{"late_columns", lateColumns},       // needs scans right below the top-N
	{"order_scans", orderScans},         // the same
	{"count_segments", countSegments},   // needs scans right below the aggregation
	{"reuse_plans", reusePlans},         // compares the plan after pushing and pruning
	{"runtime_filters", runtimeFilters}, // not into shared parts of the plan
	{"reuse_scans", reuseScans},         // scans without a runtime filter
	{"narrow_shared", narrowShared},     // needs the final readers of each column
	{"drop_unread", dropUnread},         // the same
}
