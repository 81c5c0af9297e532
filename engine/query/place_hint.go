package query

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner"
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/types"
)

// maxNamedPlaces is the maximum number of positions in a statement that an error names.
const maxNamedPlaces = 2

// withPlace adds to the error of a value that cannot be computed the positions in the statement that may have
// caused it, and what to write instead. Other errors are returned unchanged. A kernel does not know the position of
// its call, and most of its errors are never shown.
func (r *Rows) withPlace(ended error) error {
	var failed *types.Error
	if !errors.As(ended, &failed) || !failed.Pos.IsZero() || failed.Name != types.InvalidCastArgument && failed.Failed == nil {
		return ended
	}
	hinted := *failed
	hinted.Failed = nil
	tree := r.request.parsed
	if tree == nil {
		var err error
		if tree, err = planner.Statement(r.statement.sql, r.request.prepared, r.request.arguments...); err != nil {
			return &hinted
		}
	}
	if f := failed.Failed; f == nil || f.Name == types.OpCast {
		hinted.Message += castHint(castsOf(tree, failed.Message))
	} else {
		hinted.Message += callHint(callsOf(tree, f), failed)
	}
	return &hinted
}

// castHint returns the end of the message about a value that some casts may have received.
func castHint(casts []*ast.Cast) string {
	if len(casts) == 0 {
		return ""
	}
	var places, instead []string
	for _, c := range casts[:min(len(casts), maxNamedPlaces)] {
		places = append(places, fmt.Sprintf("%s at %s", ast.Format(c), c.At.Pos()))
		tried := *c
		tried.Try = true
		instead = append(instead, strings.Replace(ast.Format(&tried), "TRY_CAST", "try_cast", 1))
	}
	return fmt.Sprintf("; the cast is %s: %s is NULL where a value cannot be cast", strings.Join(places, " or "), strings.Join(slices.Compact(instead), " or "))
}

// castsOf returns the casts of a statement that can fail: those to the type that the message names, or else all.
func castsOf(tree ast.Statement, message string) []*ast.Cast {
	var all, named []*ast.Cast
	ast.Inspect(tree, func(n ast.Node) bool {
		c, ok := n.(*ast.Cast)
		if !ok || c.Try {
			return true
		}
		all = append(all, c)
		name, _, _ := strings.Cut(strings.ToLower(ast.Format(c.Type)), "(")
		if strings.Contains(strings.ToLower(message), " to "+name) || name == "integer" && strings.Contains(message, " to INT:") {
			named = append(named, c)
		}
		return true
	})
	if len(named) > 0 {
		return named
	}
	return all
}
