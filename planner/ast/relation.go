package ast

// Table names a table, in FROM or as the query TABLE t.
type Table struct {
	At
	Name    QualifiedName
	Version *TableVersion // nil when absent
}

// TableVersion is FOR TIMESTAMP | VERSION AS OF x.
type TableVersion struct {
	At
	Timestamp bool // else VERSION
	X         Expr
}

// Aliased is relation [AS] alias [(columns)].
type Aliased struct {
	At
	Relation Relation
	Alias    Ident
	Columns  []Ident // empty when not given
}

// TableSubquery is (query) in FROM.
type TableSubquery struct {
	At
	Query *Query
}

// Lateral is LATERAL (query).
type Lateral struct {
	At
	Query *Query
}

// Unnest is UNNEST (expressions) [WITH ORDINALITY].
type Unnest struct {
	At
	Exprs          []Expr
	WithOrdinality bool
}

// JoinKind is the kind of a join.
type JoinKind string

// The kinds of joins.
const (
	ImplicitJoin JoinKind = "," // a comma in FROM
	CrossJoin    JoinKind = "CROSS"
	InnerJoin    JoinKind = "INNER"
	LeftJoin     JoinKind = "LEFT"
	RightJoin    JoinKind = "RIGHT"
	FullJoin     JoinKind = "FULL"
)

// Join joins two relations. Exactly one of On, Using and Natural is set for the
// kinds that have a condition.
type Join struct {
	At
	Kind        JoinKind
	Left, Right Relation
	On          Expr
	Using       []Ident
	Natural     bool
}

// Sample is relation TABLESAMPLE method (percentage).
type Sample struct {
	At
	Relation   Relation
	System     bool // else BERNOULLI
	Percentage Expr
}

// TableFunction is TABLE (name(arguments)).
type TableFunction struct {
	At
	Name        QualifiedName
	Args        []*TableArgument
	Copartition [][]QualifiedName
}

// TableArgument is an argument of a table function: exactly one of X, Table and
// Descriptor is set.
type TableArgument struct {
	At
	Name       *Ident // nil when positional
	X          Expr
	Table      *TableInput
	Descriptor *Descriptor
}

// TableInput is a table handed to a table function.
type TableInput struct {
	At
	Relation    Relation // *Table or *TableSubquery, or an *Aliased one
	Partitioned bool
	PartitionBy []Expr
	OrderBy     []*SortItem
	Prune       bool // PRUNE WHEN EMPTY
	Keep        bool // KEEP WHEN EMPTY
}

// Descriptor is DESCRIPTOR (fields), or CAST (NULL AS DESCRIPTOR) when Null.
type Descriptor struct {
	At
	Null   bool
	Fields []*DescriptorField
}

// DescriptorField is a name with an optional type.
type DescriptorField struct {
	At
	Name Ident
	Type *Type // nil when absent
}

func (*Table) relation()           {}
func (*Aliased) relation()         {}
func (*TableSubquery) relation()   {}
func (*Lateral) relation()         {}
func (*Unnest) relation()          {}
func (*Join) relation()            {}
func (*Sample) relation()          {}
func (*TableFunction) relation()   {}
func (*JSONTable) relation()       {}
func (*PatternRelation) relation() {}
