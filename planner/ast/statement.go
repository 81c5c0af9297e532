package ast

// Explain is EXPLAIN [ANALYZE] [VERBOSE] statement, or EXPLAIN (options) statement.
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
	// ShowCreateTable returns how a table of this name could be made.
	ShowCreateTable  ShowKind = "CREATE TABLE"
	ShowCreateSchema ShowKind = "CREATE SCHEMA"
	ShowSession      ShowKind = "SESSION"
	// ShowStats is of the table From or of the rows of Query.
	ShowStats        ShowKind = "STATS"
	ShowRoles        ShowKind = "ROLES"
	ShowCurrentRoles ShowKind = "CURRENT ROLES"
	ShowRoleGrants   ShowKind = "ROLE GRANTS"
	ShowGrants       ShowKind = "GRANTS"
)

// Preposition is the word between the kind and the name of From, "" for none.
func (k ShowKind) Preposition() string {
	switch k {
	case ShowCreateTable, ShowCreateSchema:
		return ""
	case ShowStats:
		return "FOR"
	case ShowGrants:
		return "ON"
	}
	return "FROM"
}

// Show is SHOW kind [preposition name] [LIKE pattern [ESCAPE c]]. DESCRIBE t and DESC t
// are SHOW COLUMNS FROM t.
type Show struct {
	At
	Kind   ShowKind
	From   *QualifiedName // nil when absent; always present for ShowColumns, ShowCreateTable and ShowCreateSchema
	Query  *Query         // of ShowStats without From; nil otherwise
	Like   *StringLiteral // nil when absent
	Escape *StringLiteral // nil when absent
}

// Verb implements Statement.
func (*Query) Verb() string { return "SELECT" }

// Verb implements Statement.
func (*Explain) Verb() string { return "EXPLAIN" }

// Verb implements Statement.
func (*Show) Verb() string { return "SHOW" }
