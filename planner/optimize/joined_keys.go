package optimize

import (
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// joinedKeys makes the nodes above an inner join read a key of its left side instead of the equal key of the right
// side. The join streams the left rows, often with the codes of a scan's dictionary; right values it looks up for
// each row.
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

// isOneValue reports whether equal values of a type are identical. Zeros differ in sign, and instants in zone.
func isOneValue(t *types.Type) bool {
	switch t.Kind {
	case types.Boolean, types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Varchar, types.Varbinary, types.Date, types.Timestamp, types.UUID:
		return true
	}
	return false
}
