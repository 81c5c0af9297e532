package record

import (
	"fmt"
	"slices"

	"github.com/auditlake/auditlake/storage/schema"
)

// form maps a member of trail records to its column, if event data stores keep its value elsewhere.
type form struct {
	member string
	// column is the column, or the field of a row. For a member with members it is the row whose fields they are,
	// "" if they go where the member itself would.
	column  string
	members []form
}

// trailForms are the members of log files that have no column of their own, by event category.
var trailForms = map[string][]form{
	"Insight": {{member: "insightDetails", members: []form{
		{member: "state", column: "insightstate"},
		{member: "eventSource", column: "insighteventsource"},
		{member: "eventName", column: "insighteventname"},
		{member: "errorCode", column: "insighterrorcode"},
		{member: "insightType", column: "insighttype"},
		{member: "insightContext", column: "insightcontext", members: []form{
			{member: "statistics", members: []form{
				{member: "baseline", members: []form{{member: "average", column: "baselineaverage"}}},
				{member: "insight", members: []form{{member: "average", column: "insightaverage"}}},
				{member: "insightDuration", column: "insightduration"},
				{member: "baselineDuration", column: "baselineduration"},
			}},
			{member: "attributions", column: "attributions"},
		}},
	}}},
}

// addForms maps members of trail records to columns.
func (s *fieldSet) addForms(columns []schema.Column, forms []form) {
	for _, f := range forms {
		target := &field{key: f.member, index: -1}
		if f.column != "" {
			target.index = slices.IndexFunc(columns, func(c schema.Column) bool { return c.Name == f.column })
			if target.index < 0 {
				panic(fmt.Sprintf("record: no column %s for %s", f.column, f.member))
			}
		}
		switch {
		case len(f.members) == 0:
		case target.index < 0:
			target.inner = &fieldSet{nodes: s.nodes}
			target.inner.addForms(columns, f.members)
		default:
			target.inner = &fieldSet{nodes: s.nodes[target.index].fields.nodes}
			target.inner.addForms(columns[target.index].Fields, f.members)
		}
		s.add(target)
	}
}
