package analyze

import (
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/types"
)

// mistake is an error that Trino checks only after it has analysed the whole SELECT block. Errors about names and
// types anywhere in the block take precedence.
type mistake struct {
	stage stage
	root  ast.Expr // the item that has it
	err   error
}

// stage is the time at which a mistake is reported.
type stage uint8

const (
	withGroups  stage = iota // when the item is checked against GROUP BY
	withoutOver              // then: window functions without OVER
	withWindows              // then: the other window functions
)

// failLater ends the analysis of the block with an error at n when it reaches the stage. Outside a block it ends
// the analysis at once.
func (e *env) failLater(s stage, name string, n ast.Node, format string, args ...any) {
	if e.mistakes == nil {
		e.fail(name, n, format, args...)
	}
	*e.mistakes = append(*e.mistakes, mistake{s, e.root, types.Errorf(name, n.Pos(), format, args...)})
}

// report ends the analysis with the first mistake of a stage, if there is one.
func (b *block) report(s stage) {
	for _, m := range b.mistakes {
		if m.stage == s {
			panic(bailout{m.err})
		}
	}
}

// reportItem ends the analysis with an item's first mistake of the stage withGroups.
func (b *block) reportItem(item ast.Node) {
	for _, m := range b.mistakes {
		if m.stage == withGroups && ast.Node(m.root) == item {
			panic(bailout{m.err})
		}
	}
}
