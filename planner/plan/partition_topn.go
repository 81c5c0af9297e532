package plan

import "fmt"

// PartitionTopN keeps the first rows of each partition in an order: those that the ranking function numbers with at
// most Count. Its rows come partition by partition, in the order in which partitions first appear, each in its
// order.
type PartitionTopN struct {
	Input       Node
	PartitionBy []*Column
	Keys        []SortKey
	Ranking     Ranking
	Count       int64 // more than 0
	// Unread holds the columns, by ID, that nothing above reads and that the node does not return, see LeaveOut.
	// Often they are those of the partitions.
	Unread map[int]bool
}

// Ranking is a window function that numbers the rows of a partition in an order.
type Ranking uint8

// The ranking functions.
const (
	RowNumber Ranking = iota // 1, 2, 3, …
	Rank                     // equal rows have the number of the first one
	DenseRank                // the same without gaps
)

// String returns the name of the function.
func (r Ranking) String() string { return [...]string{"row_number", "rank", "dense_rank"}[r] }

// RankingByName returns the ranking function of a name.
func RankingByName(name string) (r Ranking, ok bool) {
	for r := RowNumber; r <= DenseRank; r++ {
		if r.String() == name {
			return r, true
		}
	}
	return 0, false
}

// Columns implements Node.
func (n *PartitionTopN) Columns() []*Column { return n.appendColumns(nil) }

func (n *PartitionTopN) appendColumns(list []*Column) []*Column {
	return dropUnread(appendColumns(list, n.Input), len(list), n.Unread)
}

// MapInputs implements Node.
func (n *PartitionTopN) MapInputs(f func(Node) Node) Node {
	input := f(n.Input)
	if input == n.Input {
		return n
	}
	c := *n
	c.Input = input
	return &c
}

// MapExprs implements Node.
func (n *PartitionTopN) MapExprs(func(Expr) Expr) Node { return n }

// MapColumns implements Node.
func (n *PartitionTopN) MapColumns(f func(*Column) *Column) Node {
	partitionBy, partitionChanged := mapList(n.PartitionBy, f)
	keys, keysChanged := mapSortKeys(n.Keys, f)
	if !partitionChanged && !keysChanged {
		return n
	}
	c := *n
	c.PartitionBy, c.Keys = partitionBy, keys
	return &c
}

func (n *PartitionTopN) leaveOut(isRead func(*Column) bool) Node {
	c := *n
	c.Unread = nil
	c.Unread = unreadOf(c.Columns(), isRead)
	return &c
}

// VisitMade implements Node.
func (n *PartitionTopN) VisitMade(func(*Column)) {}

// SplitsBy returns the columns of the partitions.
func (n *PartitionTopN) SplitsBy() func(*Column) bool { return columnsIn(n.PartitionBy) }

// GivesNoRows reports whether the input gives none.
func (n *PartitionTopN) GivesNoRows() bool { return isEmpty(n.Input) }

func (n *PartitionTopN) same(other Node, s Sameness) bool {
	o, ok := other.(*PartitionTopN)
	return ok && n.Ranking == o.Ranking && n.Count == o.Count && s.columns(n.PartitionBy, o.PartitionBy) && s.sortKeys(n.Keys, o.Keys)
}

// Describe implements Node.
func (n *PartitionTopN) Describe() string {
	return fmt.Sprintf("PartitionTopN %s <= %d by %s order %s", n.Ranking, n.Count, columnNames(n.PartitionBy), sortKeys(n.Keys))
}
