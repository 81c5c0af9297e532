package planner

import (
	"maps"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/parse"
	"github.com/auditlake/auditlake/planner/types"
)

// Statement parses a statement. In the place of EXECUTE and EXECUTE IMMEDIATE it returns the
// statement that they execute, with their values in the places of its parameters. prepared are the
// texts of the prepared statements by name.
func Statement(sql string, prepared map[string]string, arguments ...string) (ast.Statement, error) {
	stmt, err := parse.Statement(sql, arguments...)
	if err != nil {
		return nil, err
	}
	return executed(stmt, prepared)
}

// executed returns what a statement executes, or the statement itself.
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

// parsePrepared parses what is executed, which executes nothing in turn.
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

// preparedText returns the text of the prepared statement of a name.
func preparedText(name ast.Ident, prepared map[string]string) (string, error) {
	key, err := PreparedName(name, prepared)
	return prepared[key], err
}

// PreparedName returns the name under which a prepared statement is kept. Trino tells names apart by
// letter case; without a name of the same letters, any letter case will do.
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

// ChangesSession reports whether a statement changes its client's session, or begins or ends a
// transaction, and is therefore not for a lake but for whoever keeps that session.
func ChangesSession(stmt ast.Statement) bool {
	switch stmt.(type) {
	case *ast.Prepare, *ast.Deallocate, *ast.Use, *ast.SetSession, *ast.ResetSession, *ast.SetTimeZone,
		*ast.StartTransaction, *ast.Commit, *ast.Rollback:
		return true
	}
	return false
}
