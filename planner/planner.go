// Package planner turns SQL text into an optimised logical plan. It knows no
// data: tables and functions come to it as metadata.
package planner

import (
	"context"

	"github.com/auditlake/auditlake/planner/analyze"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/optimize"
	"github.com/auditlake/auditlake/planner/parse"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// CheckSyntax returns what is wrong with the text of a statement whatever its
// tables and parameters are.
func CheckSyntax(sql string) error {
	_, err := parse.Statement(sql)
	if types.ErrorName(err) == types.SyntaxError {
		return err
	}
	return nil
}

// Plan parses, analyses and optimises a statement. What is wrong with the statement is a
// *types.Error with its place. The context is looked at all along, besides while
// the text is parsed, whose length is bounded. Arguments are constant expressions for the question marks.
func Plan(ctx context.Context, sql string, catalog metadata.Catalog, fns metadata.Functions, session *metadata.Session, arguments ...string) (plan.Node, error) {
	stmt, err := parse.Statement(sql, arguments...)
	if err != nil {
		return nil, err
	}
	n, err := analyze.Statement(ctx, stmt, catalog, fns, session)
	if err != nil {
		return nil, err
	}
	return optimize.Optimize(ctx, n, fns, session)
}

// DescribeInput plans what DESCRIBE INPUT answers for a statement: its question
// marks and the types they need.
func DescribeInput(ctx context.Context, sql string, catalog metadata.Catalog, fns metadata.Functions, session *metadata.Session) (plan.Node, error) {
	stmt, err := parse.Statement(sql)
	if err != nil {
		return nil, err
	}
	return analyze.DescribeInput(ctx, stmt, catalog, fns, session)
}

// DescribeOutput plans what DESCRIBE OUTPUT answers for a statement: the columns
// of its answer. Question marks need no arguments.
func DescribeOutput(ctx context.Context, sql string, catalog metadata.Catalog, fns metadata.Functions, session *metadata.Session) (plan.Node, error) {
	stmt, err := parse.Statement(sql)
	if err != nil {
		return nil, err
	}
	return analyze.DescribeOutput(ctx, stmt, catalog, fns, session)
}
