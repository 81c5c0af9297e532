package parse

import (
	"maps"
	"slices"

	"github.com/auditlake/auditlake/planner/ast"
)

// The statements of this file define, change and remove tables, views, schemas, roles and rights, which this
// program cannot. They are parsed to their end, so that a mistake is reported at its position, and then refused.

// definitions maps the first two words of these statements to the rule for the rest. A statement without a rule is
// refused unparsed: routines have a language of their own.
var definitions map[string]map[string]func(*parser)

func init() { // not in the declaration: the rules refer back to it
	definitions = map[string]map[string]func(*parser){
		"ALTER": {
			"MATERIALIZED": (*parser).alterMaterializedView, "SCHEMA": (*parser).alterSchema, "TABLE": (*parser).alterTable,
			"VIEW": (*parser).alterView,
		},
		"ANALYZE": {"": (*parser).analyzeTable},
		"COMMENT": {"ON": (*parser).commentOn},
		"CREATE": {
			"CATALOG": (*parser).createCatalog, "FUNCTION": nil, "MATERIALIZED": (*parser).createMaterializedView, "OR": (*parser).createOrReplace,
			"ROLE": (*parser).createRole, "SCHEMA": (*parser).createSchema, "TABLE": (*parser).createTable, "VIEW": (*parser).createView,
		},
		"DENY": {"": (*parser).deny},
		"DROP": {
			"CATALOG": (*parser).dropSchema, "FUNCTION": nil, "MATERIALIZED": (*parser).dropMaterializedView, "ROLE": (*parser).dropRole,
			"SCHEMA": (*parser).dropSchema, "TABLE": (*parser).dropTable, "VIEW": (*parser).dropTable,
		},
		"GRANT":    {"": (*parser).grant},
		"REFRESH":  {"MATERIALIZED": (*parser).refreshMaterializedView},
		"REVOKE":   {"": (*parser).revoke},
		"TRUNCATE": {"TABLE": (*parser).tableOf},
	}
}

// definition parses a statement of definitions whose first word is the current token.
func (p *parser) definition(verb string) ast.Statement {
	at, follow := p.here(), definitions[verb]
	p.advance()
	rule, anyWord := follow[""]
	if verb == "ALTER" && !p.atAny(slices.Sorted(maps.Keys(follow))...) {
		rule, anyWord = (*parser).alterOwner, true
	}
	if !anyWord {
		word := p.oneOf(slices.Sorted(maps.Keys(follow))...)
		rule = follow[word]
		switch verb += " " + word; word {
		case "MATERIALIZED":
			verb += " VIEW"
		case "OR":
			verb += " REPLACE"
		}
	}
	if verb == "CREATE VIEW" || verb == "CREATE OR REPLACE" && p.peekIs("VIEW") {
		p.refuseLater(at, onlyQueries+": WITH name AS (SELECT …) names rows within one statement", verb)
	}
	if rule == nil || verb == "CREATE OR REPLACE" && p.tok().word == "REPLACE" && p.peekIs("FUNCTION") {
		p.refuse(at, onlyQueries, verb)
	}
	rule(p)
	p.refuseLater(at, onlyQueries, verb)
	return nil
}

func (p *parser) tableOf() { p.tableName() }

func (p *parser) ifExists()    { p.acceptAll("IF", "EXISTS") }
func (p *parser) ifNotExists() { p.acceptAll("IF", "NOT", "EXISTS") }

// comment parses an optional COMMENT 'text'.
func (p *parser) comment() {
	if p.accept("COMMENT") {
		p.stringLiteral()
	}
}

// withProperties parses an optional WITH (name = value, …).
func (p *parser) withProperties() {
	if p.accept("WITH") {
		p.expect("(")
		p.properties()
		p.expect(")")
	}
}

func (p *parser) properties() {
	for {
		p.ident()
		p.expect("=")
		if !p.accept("DEFAULT") {
			p.expression()
		}
		if !p.accept(",") {
			return
		}
	}
}

// principal parses [USER | ROLE] name. USER and ROLE without a name after them are names.
func (p *parser) principal() {
	if p.atAny("USER", "ROLE") && isName(p.peek(1)) && !p.peekIs("WITH") && !p.peekIs("GRANTED") {
		p.advance()
	}
	p.ident()
}

func (p *parser) principals() {
	p.principal()
	for p.accept(",") {
		p.principal()
	}
}

// grantor parses a principal, CURRENT_USER or CURRENT_ROLE.
func (p *parser) grantor() {
	if !p.accept("CURRENT_USER") && !p.accept("CURRENT_ROLE") {
		p.principal()
	}
}

// ofCatalog parses an optional IN catalog.
func (p *parser) ofCatalog() {
	if p.accept("IN") {
		p.ident()
	}
}

func (p *parser) createCatalog() {
	p.ifNotExists()
	p.ident()
	p.expect("USING")
	p.ident()
	p.comment()
	if p.accept("AUTHORIZATION") {
		p.principal()
	}
	p.withProperties()
}

func (p *parser) createSchema() {
	p.ifNotExists()
	p.qualifiedName()
	if p.accept("AUTHORIZATION") {
		p.principal()
	}
	p.withProperties()
}

func (p *parser) createRole() {
	p.ident()
	if p.accept("WITH") {
		p.expect("ADMIN")
		p.grantor()
	}
	p.ofCatalog()
}

func (p *parser) createOrReplace() {
	p.expect("REPLACE")
	definitions["CREATE"][p.oneOf("FUNCTION", "MATERIALIZED", "TABLE", "VIEW")](p) // FUNCTION is refused before
}

// createTable parses the rest of CREATE TABLE: a list of columns, or the names of
// columns and a query.
func (p *parser) createTable() {
	p.ifNotExists()
	p.tableName()
	if p.at("(") && !p.atColumnNames() {
		p.tableElements()
		p.comment()
		p.withProperties()
		return
	}
	p.columnAliases()
	p.comment()
	p.withProperties()
	p.expect("AS")
	p.query()
	if p.accept("WITH") {
		p.accept("NO")
		p.expect("DATA")
	}
}

// atColumnNames reports whether names without types are in the parentheses that begin here.
func (p *parser) atColumnNames() bool {
	after := p.peek(2).word
	return isName(p.peek(1)) && p.peek(1).word != "LIKE" && (after == "," || after == ")")
}

func (p *parser) tableElements() {
	p.expect("(")
	for {
		if p.at("LIKE") {
			p.likeTable()
		} else {
			p.columnDefinition()
		}
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
}

func (p *parser) likeTable() {
	p.expect("LIKE")
	p.tableName()
	if p.accept("INCLUDING") || p.accept("EXCLUDING") {
		p.expect("PROPERTIES")
	}
}

// columnDefinition parses name type [NOT NULL] [COMMENT 'text'] [WITH (…)].
func (p *parser) columnDefinition() {
	p.qualifiedName()
	p.typeName()
	if p.accept("NOT") {
		p.expect("NULL")
	}
	p.comment()
	p.withProperties()
}

func (p *parser) createView() {
	p.tableName()
	p.comment()
	if p.accept("SECURITY") {
		p.oneOf("DEFINER", "INVOKER")
	}
	p.withProperties()
	p.expect("AS")
	p.query()
}

func (p *parser) createMaterializedView() {
	p.expect("VIEW")
	p.ifNotExists()
	p.tableName()
	if p.accept("GRACE") {
		p.expect("PERIOD")
		p.interval()
	}
	p.comment()
	p.withProperties()
	p.expect("AS")
	p.query()
}

func (p *parser) dropSchema() {
	p.ifExists()
	p.qualifiedName()
	if !p.accept("CASCADE") {
		p.accept("RESTRICT")
	}
}

func (p *parser) dropTable() {
	p.ifExists()
	p.tableName()
}

func (p *parser) dropMaterializedView() {
	p.expect("VIEW")
	p.dropTable()
}

func (p *parser) dropRole() {
	p.ident()
	p.ofCatalog()
}

func (p *parser) refreshMaterializedView() {
	p.expect("VIEW")
	p.tableName()
}

// alterOwner parses kind name SET AUTHORIZATION principal, for a kind without a rule of its own.
func (p *parser) alterOwner() {
	p.ident()
	p.qualifiedName()
	p.expect("SET", "AUTHORIZATION")
	p.principal()
}

func (p *parser) alterSchema() {
	p.qualifiedName()
	if p.accept("RENAME") {
		p.expect("TO")
		p.ident()
		return
	}
	p.expect("SET", "AUTHORIZATION")
	p.principal()
}

func (p *parser) alterView() {
	p.tableName()
	if p.accept("RENAME") {
		p.expect("TO")
		p.tableName()
		return
	}
	p.expect("SET", "AUTHORIZATION")
	p.principal()
}

func (p *parser) alterMaterializedView() {
	p.expect("VIEW")
	p.ifExists()
	p.tableName()
	if p.accept("RENAME") {
		p.expect("TO")
		p.tableName()
		return
	}
	p.expect("SET", "PROPERTIES")
	p.properties()
}

func (p *parser) alterTable() {
	p.ifExists()
	p.tableName()
	switch p.oneOf("ADD", "ALTER", "DROP", "EXECUTE", "RENAME", "SET") {
	case "ADD":
		p.expect("COLUMN")
		p.ifNotExists()
		p.columnDefinition()
		p.columnPlace()
	case "ALTER":
		p.expect("COLUMN")
		p.qualifiedName()
		if p.accept("DROP") {
			p.expect("NOT", "NULL")
			return
		}
		p.expect("SET", "DATA", "TYPE")
		p.typeName()
	case "DROP":
		p.expect("COLUMN")
		p.ifExists()
		p.qualifiedName()
	case "EXECUTE":
		p.ident()
		if p.at("(") {
			p.callArguments()
		}
		p.where()
	case "RENAME":
		if p.accept("COLUMN") {
			p.ifExists()
			p.qualifiedName()
		}
		p.expect("TO")
		p.tableName()
	case "SET":
		if p.accept("AUTHORIZATION") {
			p.principal()
			return
		}
		p.expect("PROPERTIES")
		p.properties()
	}
}

// columnPlace parses an optional FIRST, LAST or AFTER column.
func (p *parser) columnPlace() {
	if p.accept("AFTER") {
		p.ident()
		return
	}
	if !p.accept("FIRST") {
		p.accept("LAST")
	}
}

func (p *parser) analyzeTable() {
	p.tableName()
	p.withProperties()
}

// callArguments parses ([name =>] value, …).
func (p *parser) callArguments() (arguments []ast.CallArgument) {
	p.expect("(")
	if p.accept(")") {
		return nil
	}
	for {
		var a ast.CallArgument
		if isName(p.tok()) && p.peekIs("=>") {
			name := p.ident()
			a.Name = &name
			p.advance()
		}
		a.Value = p.expression()
		arguments = append(arguments, a)
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
	return arguments
}

func (p *parser) commentOn() {
	if p.oneOf("COLUMN", "TABLE", "VIEW") == "COLUMN" {
		p.qualifiedName()
	} else {
		p.tableName()
	}
	p.expect("IS")
	if !p.accept("NULL") {
		p.stringLiteral()
	}
}

// rights parses rights or roles, or ALL PRIVILEGES, which are not roles. ALL without PRIVILEGES is a name.
func (p *parser) rights() (areAll bool) {
	if p.acceptAll("ALL", "PRIVILEGES") {
		return true
	}
	for {
		if !p.acceptAny("CREATE", "DELETE", "INSERT", "SELECT", "UPDATE") {
			p.ident()
		}
		if !p.accept(",") {
			return false
		}
	}
}

func (p *parser) acceptAny(words ...string) bool { return slices.ContainsFunc(words, p.accept) }

// onObject parses ON [kind] name.
func (p *parser) onObject() {
	p.expect("ON")
	if !p.accept("TABLE") && isName(p.tok()) && isName(p.peek(1)) && !p.peekIs("TO") && !p.peekIs("FROM") {
		p.advance()
	}
	p.tableName()
}

// grant parses GRANT rights ON object TO …, or GRANT roles TO ….
func (p *parser) grant() {
	if areAll := p.rights(); areAll || p.at("ON") {
		p.onObject()
		p.expect("TO")
		p.principal()
		if p.accept("WITH") {
			p.expect("GRANT", "OPTION")
		}
		return
	}
	p.expect("TO")
	p.principals()
	if p.accept("WITH") {
		p.expect("ADMIN", "OPTION")
	}
	p.grantedBy()
}

func (p *parser) grantedBy() {
	if p.accept("GRANTED") {
		p.expect("BY")
		p.grantor()
	}
	p.ofCatalog()
}

// revoke parses REVOKE rights ON object FROM …, or REVOKE roles FROM ….
func (p *parser) revoke() {
	isOfRight := p.acceptAll("GRANT", "OPTION")
	isOfRole := !isOfRight && p.acceptAll("ADMIN", "OPTION")
	if isOfRight || isOfRole {
		p.expect("FOR")
	}
	areAll := p.rights()
	if isOfRight || areAll || !isOfRole && p.at("ON") {
		p.onObject()
		p.expect("FROM")
		p.principal()
		return
	}
	p.expect("FROM")
	p.principals()
	p.grantedBy()
}

func (p *parser) deny() {
	p.rights()
	p.onObject()
	p.expect("TO")
	p.principal()
}
