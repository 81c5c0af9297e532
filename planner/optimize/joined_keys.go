package optimize

import (
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// joinedKeys has whatever stands above an inner join read the key of its left side in place of the equal one of the
// right side. The left side's rows are those that come by, often with the codes of a scan's dictionary, whereas a
// value of the right side is looked up for each row.
func joinedKeys(_ *optimizer, n plan.Node) plan.Node {
	if !hasJoins(n) {
		return n
	}
	r := joinRenames{renames{originals: map[int]*plan.Column{}, apart: columnSet{}}}
	visitNodes(n, r.keepApart)
	return r.renameKeys(n)
}

type joinRenames struct{ renames }

func (r joinRenames) renameKeys(n plan.Node) plan.Node {
	n = r.inlineRead(n.MapInputs(r.renameKeys))
	j, ok := n.(*plan.Join)
	if !ok || j.Kind != plan.InnerJoin {
		return n
	}
	for _, key := range j.Equal {
		if isOneValue(key.Right.Type) && !r.apart[key.Right.ID] {
			r.originals[key.Right.ID] = key.Left
		}
	}
	return n
}

// isOneValue reports whether values of a type that are equal are the same: zeros have signs, and instants zones.
func isOneValue(t *types.Type) bool {
	switch t.Kind {
	case types.Boolean, types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Varchar, types.Varbinary, types.Date, types.Timestamp, types.UUID:
		return true
	}
	return false
}
