package optimize

import "github.com/auditlake/auditlake/planner/plan"

// rule is one rewrite of a whole plan.
type rule func(o *optimizer, n plan.Node) plan.Node

// rules in the order they run.
var rules = []rule{
	pruneColumns, // so that no rule carries a table's columns that nothing reads
	inlineRenames,
	foldConstants,
	inlineValues,  // needs the rows folded
	commonTerms,   // so that terms of all alternatives are pushed
	pushFilters,   // also turns cross joins with a condition into inner joins
	foldConstants, // conditions that moved met constants
	countCases,    // needs the numbers that conditions choose folded
	filterCases,   // leaves to countCases what is counted
	countPresence,
	splitSums,
	removeEmpty,
	joinKeys,     // needs the conditions that the pushdown left at joins
	selfJoins,    // needs keys
	crossKeys,    // the same
	reorderJoins, // needs keys, and the filters at the scans
	distinctLists,
	dropDistinct,
	pushLimits,
	pruneColumns,
	readFields,    // needs bare uses of rows pruned away
	readEntries,   // maps inside rows are columns now
	inlineRenames, // fields that are columns now
	pruneColumns,  // rows and maps of which parts alone are used now
	dependentKeys, // needs keys that are fields to be columns
	pushTopNs,     // the same
	filterParts,   // rows and maps that are read whole all the same
	orderScanFilters,
	orderJoinFilters,
	deriveDomains,
	chooseBuildSides, // needs the filters at the scans
	joinedKeys,       // needs to know which side is the left one
	inlineLists,      // leaves projections that only pass columns on
	removeProjections,
	foldConstants,  // fields met the rows that are made of them
	pruneColumns,   // what else is in these rows is not read
	lateColumns,    // needs scans right below the top-N
	orderScans,     // the same
	countSegments,  // needs scans right below the aggregation
	groupParts,     // needs to see whether the manifest counts
	reusePlans,     // compares what pushing and pruning have left
	runtimeFilters, // not into plans that are shared
	reuseScans,     // those without such a filter
	narrowShared,   // needs the final readers of each column
	dropUnread,     // the same
}
