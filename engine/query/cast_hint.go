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

// maxNamedCasts is how many casts of a statement an error names.
const maxNamedCasts = 2

// withCast returns the error of a value that cannot be cast with the casts of the statement that may have met it, and what to write
// instead. It returns other errors as they are. A kernel does not know where its cast stands, and most of its errors are never shown.
func (r *Rows) withCast(ended error) error {
	var failed *types.Error
	if !errors.As(ended, &failed) || failed.Name != types.InvalidCastArgument || !failed.Pos.IsZero() {
		return ended
	}
	tree := r.request.parsed
	if tree == nil {
		var err error
		if tree, err = planner.Statement(r.statement.sql, r.request.prepared, r.request.arguments...); err != nil {
			return ended
		}
	}
	casts := castsOf(tree, failed.Message)
	if len(casts) == 0 {
		return ended
	}
	hinted := *failed
	var places, instead []string
	for _, c := range casts[:min(len(casts), maxNamedCasts)] {
		places = append(places, fmt.Sprintf("%s at %s", ast.Format(c), c.At.Pos()))
		tried := *c
		tried.Try = true
		instead = append(instead, strings.Replace(ast.Format(&tried), "TRY_CAST", "try_cast", 1))
	}
	hinted.Message += fmt.Sprintf("; the cast is %s: %s is NULL where a value cannot be cast", strings.Join(places, " or "), strings.Join(slices.Compact(instead), " or "))
	return &hinted
}

// castsOf are the casts of a statement that can fail, to the type that a message names if there are such.
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
