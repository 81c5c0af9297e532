package planner

import (
	"maps"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/parse"
	"github.com/auditlake/auditlake/planner/types"
)

// Statement parses a statement. For EXECUTE and EXECUTE IMMEDIATE it returns the statement that they execute, with
// their values in place of its parameters. prepared holds the texts of the prepared statements by name.
func Statement(sql string, prepared map[string]string, arguments ...string) (ast.Statement, error) {
	stmt, err := parse.Statement(sql, arguments...)
	if err != nil {
		return nil, err
	}
	return executed(stmt, prepared)
}

// executed returns the statement that stmt executes, or stmt itself.
func executed(stmt ast.Statement, prepared map[string]string) (ast.Statement, error) {
	switch s := stmt.(type) {
	case *ast.Explain:
		inner, err := executed(s.Statement, prepared)
		if err != nil {
			return nil, err
		}
		explain := *s
		explain.Statement = inner
		return &explain, nil
	case *ast.Execute:
		text, err := preparedText(s.Name, prepared)
		if err != nil {
			return nil, err
		}
		return parsePrepared(text, ast.Pos{}, s.Using)
	case *ast.ExecuteImmediate:
		at := s.Text.Pos()
		at.Column++ // after the quote
		return parsePrepared(s.Text.Value, at, s.Using)
	}
	return stmt, nil
}

// parsePrepared parses the statement to execute, which must not be an EXECUTE itself.
func parsePrepared(text string, at ast.Pos, values []ast.Expr) (ast.Statement, error) {
	stmt, err := parse.Prepared(text, at, values)
	if err != nil {
		return nil, err
	}
	inner := stmt
	for explain, ok := inner.(*ast.Explain); ok; explain, ok = inner.(*ast.Explain) {
		inner = explain.Statement
	}
	switch inner.(type) {
	case *ast.Execute, *ast.ExecuteImmediate:
		return nil, types.Errorf(types.NotSupported, inner.Pos(), "%s inside of another EXECUTE is not supported", inner.Verb())
	}
	return stmt, nil
}

// preparedText returns the text of the prepared statement called name.
func preparedText(name ast.Ident, prepared map[string]string) (string, error) {
	key, err := PreparedName(name, prepared)
	return prepared[key], err
}

// PreparedName returns the name under which a prepared statement is stored. As in Trino, names are case-sensitive;
// if none is the same, one in another letter case matches.
func PreparedName(name ast.Ident, prepared map[string]string) (string, error) {
	if _, ok := prepared[name.Name]; ok {
		return name.Name, nil
	}
	for _, other := range slices.Sorted(maps.Keys(prepared)) {
		if strings.EqualFold(other, name.Name) {
			return other, nil
		}
	}
	return "", types.Errorf(types.NotFound, name.Pos(), "Prepared statement not found: %s", name.Name)
}

// ChangesSession reports whether a statement changes its client's session, or begins or ends a transaction. Such a
// statement is for the holder of the session, not for a lake.
func ChangesSession(stmt ast.Statement) bool {
	switch stmt.(type) {
	case *ast.Prepare, *ast.Deallocate, *ast.Use, *ast.SetSession, *ast.ResetSession, *ast.SetTimeZone,
		*ast.StartTransaction, *ast.Commit, *ast.Rollback:
		return true
	}
	return false
}
