package session

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/engine/query"
	"github.com/auditlake/auditlake/planner"
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/types"
)

// Request is what a statement asks of the keeper of the session. At most one of its pointers is set; with none, the
// statement is to be run.
type Request struct {
	// Verb names the kind of the statement, or of what it executes, in capitals, as
	// Trino names updates: SELECT, PREPARE, SET TIME ZONE.
	Verb        string
	Change      *Change
	Transaction *Transaction
	Kill        *Kill
	// Parsed is the statement to be run, or what it executes.
	Parsed ast.Statement
}

// Change is a change of the session that has been checked.
type Change struct {
	Verb string // PREPARE, DEALLOCATE, USE, SET SESSION, RESET SESSION or SET TIME ZONE
	// Name is the prepared statement's or the session property's. With USE it is the
	// schema's.
	Name string
	// Value is the text of the statement or the value of the property. A property
	// without one is reset.
	Value   string
	Catalog string // of USE; "" when it names none
}

// Transaction is START TRANSACTION, COMMIT or ROLLBACK.
type Transaction struct {
	Verb      string
	Isolation ast.IsolationLevel // "" when START TRANSACTION asks for none
	ReadOnly  bool
}

// Kill is CALL system.runtime.kill_query.
type Kill struct {
	QueryID string
	Message string // "": none was given
}

// Interpret returns what a statement asks for. The error is a mistake in its text,
// a prepared statement that does not exist, or a change that cannot be made.
func (s *State) Interpret(sql string) (*Request, error) {
	stmt, err := planner.Statement(sql, s.Prepared)
	if err != nil {
		return nil, err
	}
	request := &Request{Verb: stmt.Verb()}
	switch stmt := stmt.(type) {
	case *ast.StartTransaction:
		request.Transaction = &Transaction{Verb: stmt.Verb(), Isolation: stmt.Isolation, ReadOnly: stmt.Access == ast.ReadOnly}
	case *ast.Commit, *ast.Rollback:
		request.Transaction = &Transaction{Verb: stmt.Verb()}
	case *ast.Call:
		request.Kill, err = s.kill(stmt)
	case *ast.Prepare:
		request.Change, err = s.prepare(stmt)
	case *ast.Deallocate:
		request.Change, err = s.deallocate(stmt)
	case *ast.Use:
		request.Change, err = s.use(stmt)
	case *ast.SetSession:
		request.Change, err = s.setSession(stmt)
	case *ast.ResetSession:
		request.Change, err = resetSession(stmt)
	case *ast.SetTimeZone:
		request.Change, err = s.setTimeZone(stmt)
	default:
		request.Parsed = stmt
	}
	return request, err
}

// answerToChange is run in place of a change of the session. It returns one row of one boolean column, as Trino
// does.
const answerToChange = "SELECT true AS result"

// Resolve is Interpret for clients that have no transactions. It also returns the text
// to run, which is another than sql for a change of the session.
func (s *State) Resolve(sql string) (run string, request *Request, err error) {
	request, err = s.Interpret(sql)
	switch {
	case err != nil:
		return "", nil, err
	case request.Transaction != nil:
		return "", nil, types.Errorf(types.NotSupported, types.Pos{Line: 1, Column: 1},
			"%s is not supported: each statement reads one snapshot of the lake, and none changes it", request.Verb)
	case request.Kill != nil:
		return "", nil, types.Errorf(types.NotSupported, types.Pos{Line: 1, Column: 1}, "CALL is for clients of Trino's protocol; `auditlake queries cancel` ends a query")
	case request.Change != nil:
		return answerToChange, request, nil
	}
	return sql, request, nil
}

// Apply makes a change that Interpret returned.
func (s *State) Apply(c *Change) {
	switch c.Verb {
	case "PREPARE":
		s.Prepared = with(s.Prepared, c.Name, c.Value)
	case "DEALLOCATE":
		delete(s.Prepared, c.Name)
	case "USE":
		s.Schema = c.Name
		if c.Catalog != "" {
			s.Catalog = c.Catalog
		}
	default:
		if c.Value == "" {
			delete(s.Properties, c.Name)
			return
		}
		s.Properties = with(s.Properties, c.Name, c.Value)
	}
}

func with(m map[string]string, name, value string) map[string]string {
	if m == nil {
		m = map[string]string{}
	}
	m[name] = value
	return m
}

// prepare refuses what Trino refuses to prepare: a prepared statement runs, or
// changes a setting, but does not deal with prepared statements itself.
func (s *State) prepare(stmt *ast.Prepare) (*Change, error) {
	switch stmt.Statement.(type) {
	case *ast.Prepare, *ast.Execute, *ast.ExecuteImmediate, *ast.Deallocate:
		return nil, types.Errorf(types.NotSupported, stmt.Statement.Pos(), "Invalid statement type for prepared statement: %s", stmt.Statement.Verb())
	}
	if _, replaces := s.Prepared[stmt.Name.Name]; !replaces && len(s.Prepared) >= maxPrepared {
		return nil, types.Errorf(types.NotSupported, stmt.Pos(), "A session has at most %d prepared statements; DEALLOCATE PREPARE removes one", maxPrepared)
	}
	return &Change{Verb: stmt.Verb(), Name: stmt.Name.Name, Value: string(stmt.Text)}, nil
}

// killParameters are those of system.runtime.kill_query, in their order.
var killParameters = []string{"query_id", "message"}

// kill reads the arguments of system.runtime.kill_query, which are texts: all by place, or all by name.
func (s *State) kill(stmt *ast.Call) (*Kill, error) {
	wrong := func(format string, args ...any) error {
		return types.Errorf(types.InvalidProcedureArgument, stmt.Pos(), format, args...)
	}
	if len(stmt.Arguments) > len(killParameters) {
		return nil, wrong("Too many arguments for procedure: %d; it has %d", len(stmt.Arguments), len(killParameters))
	}
	values := map[string]string{}
	for i, a := range stmt.Arguments {
		name := killParameters[i]
		if a.Name != nil {
			name = strings.ToLower(a.Name.Name)
		}
		_, repeats := values[name]
		if repeats || !slices.Contains(killParameters, name) || (a.Name == nil) != (stmt.Arguments[0].Name == nil) {
			return nil, wrong("Procedure has no argument %s here; its arguments are %s", name, strings.Join(killParameters, ", "))
		}
		value, err := s.valueOf(a.Value, types.VarcharType)
		if err != nil {
			return nil, types.ErrorAt(err, a.Value.Pos())
		}
		values[name], _ = value.V.(string)
	}
	if values["query_id"] == "" {
		return nil, wrong("Missing query_id")
	}
	return &Kill{QueryID: values["query_id"], Message: values["message"]}, nil
}

func (s *State) deallocate(stmt *ast.Deallocate) (*Change, error) {
	name, err := planner.PreparedName(stmt.Name, s.Prepared)
	if err != nil {
		return nil, err
	}
	return &Change{Verb: stmt.Verb(), Name: name}, nil
}

func (s *State) use(stmt *ast.Use) (*Change, error) {
	c := &Change{Verb: stmt.Verb(), Name: strings.ToLower(stmt.Schema.Name)}
	catalog := s.Catalog
	if stmt.Catalog != nil {
		c.Catalog = strings.ToLower(stmt.Catalog.Name)
		catalog = c.Catalog
	}
	_, err := (&State{Catalog: catalog, Schema: c.Name}).Options()
	return c, err
}

// propertyName returns the name of a session property. Properties of catalogs have
// two parts, and there are none.
func propertyName(name ast.QualifiedName, at types.Pos) (string, error) {
	switch len(name.Parts) {
	case 1:
		return strings.ToLower(name.Parts[0].Name), nil
	case 2:
		return "", types.Errorf(types.InvalidSessionProperty, at, "Session property '%s' does not exist: no catalog has properties", strings.ToLower(name.String()))
	}
	return "", types.Errorf(types.InvalidSessionProperty, types.Pos{}, "Invalid session property '%s'", strings.ToLower(name.String()))
}

// setSession checks the property and its value, a constant expression: all
// properties are texts.
func (s *State) setSession(stmt *ast.SetSession) (*Change, error) {
	name, err := propertyName(stmt.Name, stmt.Value.Pos())
	if err != nil {
		return nil, err
	}
	value, err := s.valueOf(stmt.Value, types.VarcharType)
	if err == nil && value.IsNull() {
		err = failed(types.InvalidSessionProperty, "Session property value must not be null")
	}
	var wrong *types.Error
	if errors.As(err, &wrong) {
		return nil, types.Errorf(types.InvalidSessionProperty, stmt.Value.Pos(),
			"Unable to set session property '%s' to '%s': %s", name, ast.Format(stmt.Value), wrong.Message)
	}
	if err != nil {
		return nil, err
	}
	return setProperty(stmt.Verb(), name, value.V.(string), stmt.Value.Pos())
}

// valueOf computes the value that a statement sets, coerced to a type, nil for its own.
func (s *State) valueOf(x ast.Expr, want *types.Type) (types.Value, error) {
	if text, ok := x.(*ast.StringLiteral); ok {
		return types.Value{Type: types.VarcharType, V: text.Value}, nil
	}
	options, err := s.Options()
	if err != nil {
		return types.Value{}, err
	}
	return query.Constant(x, want, options...)
}

// setProperty checks that a property can have a value; at is the value's position.
func setProperty(verb, name, value string, at types.Pos) (*Change, error) {
	if _, err := propertyOption(name, value); err != nil {
		return nil, types.ErrorAt(err, at)
	}
	return &Change{Verb: verb, Name: name, Value: value}, nil
}

// resetSession accepts the names of properties that do not exist: an older program
// may have set them.
func resetSession(stmt *ast.ResetSession) (*Change, error) {
	name, err := propertyName(stmt.Name, stmt.Pos())
	if err != nil {
		return nil, err
	}
	return &Change{Verb: stmt.Verb(), Name: name}, nil
}

// setTimeZone reads LOCAL, which is the client's own zone, or a constant expression:
// a text, or an offset as an interval of hours and minutes.
func (s *State) setTimeZone(stmt *ast.SetTimeZone) (*Change, error) {
	if stmt.Zone == nil {
		return &Change{Verb: stmt.Verb(), Name: TimeZoneProperty}, nil
	}
	at := stmt.Zone.Pos()
	value, err := s.valueOf(stmt.Zone, nil)
	switch {
	case err != nil:
		return nil, types.ErrorAt(err, at)
	case value.Type.Kind != types.Varchar && value.Type.Kind != types.IntervalDay:
		return nil, types.Errorf(types.TypeMismatch, at, "Expected expression of varchar or interval day-time type, but '%s' has %s type",
			ast.Format(stmt.Zone), value.Type)
	case value.IsNull():
		return nil, types.Errorf(types.NotSupported, at, "Time zone not supported: %s is NULL", ast.Format(stmt.Zone))
	}
	zone, ok := value.V.(string)
	if !ok {
		if zone, err = offsetOf(value.V.(int64), at); err != nil {
			return nil, err
		}
	}
	return setProperty(stmt.Verb(), TimeZoneProperty, zone, at)
}

// offsetOf writes an interval as the name of a time zone: +05:30.
func offsetOf(millis int64, at ast.Pos) (string, error) {
	const millisPerMinute = 60_000
	if millis%millisPerMinute != 0 {
		return "", types.Errorf(types.InvalidLiteral, at, "Invalid time zone offset interval: interval contains seconds")
	}
	sign, minutes := '+', millis/millisPerMinute
	if minutes < 0 {
		sign, minutes = '-', -minutes
	}
	return fmt.Sprintf("%c%02d:%02d", sign, minutes/60, minutes%60), nil
}
