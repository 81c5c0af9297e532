package ast

// Explain is EXPLAIN [ANALYZE [VERBOSE]] statement, or EXPLAIN (options) statement.
type Explain struct {
	At
	Analyze   bool
	Verbose   bool
	Type      string // LOGICAL, DISTRIBUTED, VALIDATE or IO; "" when not given
	Format    string // TEXT, GRAPHVIZ or JSON; "" when not given
	Statement Statement
}

// ShowKind is what a SHOW statement lists.
type ShowKind string

// The things SHOW can list.
const (
	ShowCatalogs  ShowKind = "CATALOGS"
	ShowSchemas   ShowKind = "SCHEMAS"
	ShowTables    ShowKind = "TABLES"
	ShowColumns   ShowKind = "COLUMNS"
	ShowFunctions ShowKind = "FUNCTIONS"
	// ShowCreateTable tells how a table of this name could be made.
	ShowCreateTable ShowKind = "CREATE TABLE"
)

// Show is SHOW kind [FROM name] [LIKE pattern [ESCAPE c]]. DESCRIBE t and DESC t
// are SHOW COLUMNS FROM t.
type Show struct {
	At
	Kind   ShowKind
	From   *QualifiedName // nil when absent; always present for ShowColumns and ShowCreateTable
	Like   *StringLiteral // nil when absent
	Escape *StringLiteral // nil when absent
}

func (*Query) statement()   {}
func (*Explain) statement() {}
func (*Show) statement()    {}
