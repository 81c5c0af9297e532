package analyze

import (
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// tableFunction plans TABLE(name(arguments)).
func (a *analyzer) tableFunction(x *ast.TableFunction, s *scope) relation {
	if len(x.Copartition) > 0 {
		panic(a.notSupported(x, "COPARTITION"))
	}
	if a.isBuiltin(&x.Name) {
		switch strings.ToLower(x.Name.Last().Name) {
		case "sequence":
			return a.sequence(x)
		case "exclude_columns":
			return a.excludeColumns(x, s)
		}
	}
	a.fail(types.FunctionNotFound, &x.Name, "Table function '%s' not registered", x.Name)
	return relation{}
}

// isBuiltin reports whether name is that of a built-in table function, bare or with its schema.
func (a *analyzer) isBuiltin(name *ast.QualifiedName) bool {
	parts := name.Parts
	if len(parts) == 3 && strings.EqualFold(parts[0].Name, "system") {
		return strings.EqualFold(parts[1].Name, "builtin")
	}
	if len(parts) == 3 && !strings.EqualFold(parts[0].Name, a.session.Catalog) {
		a.fail(types.CatalogNotFound, name, "Catalog '%s' not found", parts[0].Name)
	}
	return len(parts) == 1
}

// argumentsAt returns the node at which errors about all arguments are reported.
func argumentsAt(x *ast.TableFunction) ast.Node {
	if len(x.Args) > 0 {
		return x.Args[0]
	}
	return &x.Name
}

// tableArguments returns the arguments in the order of names, nil for each missing one. In the call they are all by
// name or all by position.
func (a *analyzer) tableArguments(x *ast.TableFunction, names ...string) []*ast.TableArgument {
	if len(x.Args) > len(names) {
		a.fail(types.InvalidArguments, argumentsAt(x), "Too many arguments. Expected at most %d arguments, got %d arguments", len(names), len(x.Args))
	}
	out := make([]*ast.TableArgument, len(names))
	for i, arg := range x.Args {
		if (arg.Name == nil) != (x.Args[0].Name == nil) {
			a.fail(types.InvalidArguments, argumentsAt(x), "All arguments must be passed by name or all must be passed positionally")
		}
		if arg.Name == nil {
			out[i] = arg
			continue
		}
		at := -1
		for j, name := range names {
			if strings.EqualFold(name, arg.Name.Name) {
				at = j
			}
		}
		switch {
		case at < 0:
			a.fail(types.InvalidFunctionArgument, arg, "Unexpected argument name: %s", arg.Name.Name)
		case out[at] != nil:
			a.fail(types.InvalidFunctionArgument, arg, "Duplicate argument name: %s", arg.Name.Name)
		}
		out[at] = arg
	}
	return out
}

func (a *analyzer) needArgument(x *ast.TableFunction, arg *ast.TableArgument, name string) {
	if arg == nil {
		a.fail(types.MissingArgument, argumentsAt(x), "Missing argument: %s", name)
	}
}

// badArgument returns the bailout for arguments that a table function refuses. Its error has no position.
func badArgument(format string, args ...any) bailout {
	return bailout{types.Errorf(types.InvalidFunctionArgument, types.Pos{}, format, args...)}
}

// sequence plans sequence(start, stop, step), with 0 for a missing start and 1 for a
// missing step.
func (a *analyzer) sequence(x *ast.TableFunction) relation {
	args := a.tableArguments(x, "START", "STOP", "STEP")
	a.needArgument(x, args[1], "STOP")
	start, stop, step := a.constantBigint(args[0], "Start", 0), a.constantBigint(args[1], "Stop", 0), a.constantBigint(args[2], "Step", 1)
	switch {
	case start < stop && step <= 0:
		panic(badArgument("Step must be positive for sequence [%d, %d]", start, stop))
	case start > stop && step >= 0:
		panic(badArgument("Step must be negative for sequence [%d, %d]", start, stop))
	}
	c := a.newColumn("sequential_number", types.BigIntType)
	node := &plan.Sequence{Col: c, Start: start, Stop: stop, Step: step}
	return relation{node: node, fields: []field{{name: c.Name, col: c}}}
}

func (a *analyzer) constantBigint(arg *ast.TableArgument, name string, otherwise int64) int64 {
	if arg == nil {
		return otherwise
	}
	if arg.X == nil {
		a.fail(types.InvalidFunctionArgument, arg, "Invalid argument %s. Expected expression", upper(name))
	}
	x := a.constantExpr(arg.X)
	if !types.CanCoerce(x.Type(), types.BigIntType) {
		a.fail(types.TypeMismatch, arg.X, "Cannot cast %s to bigint", x.Type())
	}
	value := a.constantValue(a.coerce(x, types.BigIntType, arg.X), arg.X)
	if value.IsNull() {
		panic(badArgument("%s is null", name))
	}
	return value.V.(int64)
}

// excludeColumns plans exclude_columns(input, columns): all columns except those listed.
func (a *analyzer) excludeColumns(x *ast.TableFunction, s *scope) relation {
	args := a.tableArguments(x, "INPUT", "COLUMNS")
	a.needArgument(x, args[0], "INPUT")
	a.needArgument(x, args[1], "COLUMNS")
	input, columns := args[0].Table, args[1].Descriptor
	switch {
	case input == nil:
		a.fail(types.InvalidFunctionArgument, args[0], "Invalid argument INPUT. Expected table")
	case columns == nil:
		a.fail(types.InvalidFunctionArgument, args[1], "Invalid argument COLUMNS. Expected descriptor")
	case columns.Null:
		panic(badArgument("COLUMNS descriptor is null"))
	case input.Partitioned || len(input.OrderBy) > 0 || input.Prune || input.Keep:
		a.fail(types.InvalidFunctionArgument, input, "Partitioning, ordering and pruning do not apply to an argument with row semantics")
	}
	excluded := map[string]bool{}
	for _, f := range columns.Fields {
		if f.Type != nil {
			panic(badArgument("COLUMNS descriptor contains types"))
		}
		excluded[strings.ToLower(f.Name.Name)] = true
	}
	return without(visible(a.from(input.Relation, s)), columns, excluded)
}

// without returns rel without the fields called columns. Each must be a field of rel.
func without(rel relation, columns *ast.Descriptor, excluded map[string]bool) relation {
	out, found := relation{node: rel.node}, map[string]bool{}
	for _, f := range rel.fields {
		name := strings.ToLower(f.name)
		if f.name != "" && excluded[name] {
			found[name] = true
			continue
		}
		out.fields = append(out.fields, f)
	}
	var missing []string
	for _, f := range columns.Fields {
		if !found[strings.ToLower(f.Name.Name)] {
			missing = append(missing, f.Name.Name)
		}
	}
	switch {
	case len(missing) > 0:
		panic(badArgument("Excluded columns: [%s] not present in the table", strings.Join(missing, ", ")))
	case len(out.fields) == 0:
		panic(badArgument("All columns are excluded"))
	}
	return out
}
