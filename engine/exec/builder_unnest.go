package exec

import "github.com/auditlake/auditlake/planner/plan"

func (b *builder) unnest(n *plan.Unnest, input Operator, columns []*plan.Column) (Operator, []*plan.Column, error) {
	items, err := unnestItems(n, columns)
	all := outputOf(n, columns)
	u := &unnest{items: items, ordinality: n.Ordinality != nil, outer: n.Outer}
	given, positions := readOf(all, n.Unread)
	if positions != nil {
		u.gives = make([]bool, len(all))
		for _, at := range positions {
			u.gives[at] = true
		}
	}
	if s, ok := input.(*scan); ok {
		s.groups.stages, s.mayMultiply = append(s.groups.stages, u), true
		return s, given, err
	}
	u.input, u.memory = input, b.account("UNNEST")
	return u, given, err
}

// noteUnnested notes the columns that are unnested, before the node's input is built.
func (b *builder) noteUnnested(n *plan.Unnest) {
	if b.unnested == nil {
		b.unnested = map[int]bool{}
	}
	for _, item := range n.Items {
		b.unnested[item.Column.ID] = true
	}
}

// readOf returns the columns that are not in unread, and their positions; nil positions stand for all.
func readOf(columns []*plan.Column, unread map[int]bool) (read []*plan.Column, positions []int) {
	if len(unread) == 0 {
		return columns, nil
	}
	positions = []int{}
	for i, c := range columns {
		if !unread[c.ID] {
			read, positions = append(read, c), append(positions, i)
		}
	}
	return read, positions
}
