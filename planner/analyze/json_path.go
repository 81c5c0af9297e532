package analyze

import (
	"errors"
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/sqljson"
	"github.com/auditlake/auditlake/planner/types"
)

// jsonPath checks a path. Its syntax errors have positions inside the string.
func (e *env) jsonPath(path *ast.StringLiteral, params map[string]bool) {
	parsed, err := sqljson.Parse(path.Value)
	var syntax *sqljson.SyntaxError
	if errors.As(err, &syntax) {
		name := types.SyntaxError
		if syntax.BadDecimal {
			name = types.InvalidLiteral
		}
		panic(bailout{types.Errorf(name, pathPos(path, syntax), "%s", syntax.Message)})
	}
	t := pathTypes{env: e, path: path, params: params}
	t.of(parsed.Root)
}

func pathPos(path *ast.StringLiteral, err *sqljson.SyntaxError) types.Pos {
	at := path.Pos()
	switch {
	case err.BadDecimal:
		return types.Pos{}
	case err.Line == 0:
		return types.Pos{Line: 1, Column: 1}
	case err.Line > 1:
		return types.Pos{Line: at.Line + err.Line - 1, Column: err.Offset + 1}
	}
	at.Column += 1 + err.Offset
	return at
}

// pathTypes finds operations of a path that fail for every input, from the types of its literals.
type pathTypes struct {
	*env
	path   *ast.StringLiteral
	params map[string]bool
}

func (t *pathTypes) refuse(format string, args ...any) {
	t.fail(types.InvalidPath, t.path, format, args...)
}

// of returns the type of a node's result, nil if it depends on the input.
func (t *pathTypes) of(n *sqljson.Node) *types.Type {
	switch n.Op {
	case sqljson.Literal:
		return n.Value.Type
	case sqljson.Last:
		return types.IntegerType
	case sqljson.Variable:
		if !t.params[n.Text] {
			t.refuse("no value passed for parameter %s%s", n.Text, caseHint(n.Text, t.params))
		}
		return nil
	case sqljson.LikeRegex:
		t.fail(types.NotSupported, t.path, "like_regex predicate in JSON path is not yet supported")
	}
	args := make([]*types.Type, len(n.Args))
	for i, arg := range n.Args {
		args[i] = t.of(arg)
	}
	for _, s := range n.Subscripts {
		t.of(s.From)
		if s.To != nil {
			t.of(s.To)
		}
	}
	switch n.Op {
	case sqljson.Filter:
		return args[0]
	case sqljson.Method:
		return t.method(n.Text, args[0])
	case sqljson.Plus, sqljson.Minus:
		return t.signed(n.Op, args[0])
	}
	if name, ok := sqljson.Arithmetic[n.Op]; ok {
		return t.call(name, args...)
	}
	return nil
}

func (t *pathTypes) method(name string, base *types.Type) *types.Type {
	switch name {
	case "type":
		return types.VarcharType
	case "size":
		return types.IntegerType
	case "double":
		if base != nil && base.Kind != types.Varchar && base.Kind != types.Char && !isNumeric(base) {
			t.refuse("cannot perform JSON path double() method with %s argument", base)
		}
		return types.DoubleType
	case "datetime":
		if base != nil && base.Kind != types.Varchar && base.Kind != types.Char {
			t.refuse("JSON path datetime() method requires character string argument (found %s)", base)
		}
		t.fail(types.NotSupported, t.path, "datetime method in JSON path is not yet supported")
	case "keyvalue":
		return nil
	}
	return t.call(name, base)
}

func (t *pathTypes) signed(op sqljson.Op, base *types.Type) *types.Type {
	if op == sqljson.Minus {
		return t.call(types.OpNegate, base)
	}
	if base != nil && !isNumeric(base) {
		t.refuse("Invalid operand type (%s) in JSON path arithmetic unary expression", base)
	}
	return base
}

// call returns the result type of a function, nil if an argument's type is unknown.
func (t *pathTypes) call(name string, args ...*types.Type) *types.Type {
	offered := make([]types.Arg, len(args))
	for i, arg := range args {
		if arg == nil {
			return nil
		}
		offered[i].Type = arg
	}
	fn, err := t.fns.Resolve(name, offered)
	if err != nil {
		t.refuse("invalid operand types in JSON path: %v", err)
	}
	return fn.Return
}

func caseHint(name string, params map[string]bool) string {
	if params[strings.ToUpper(name)] {
		return `. Try quoting "` + name + `" in the PASSING clause to match case`
	}
	return ""
}
