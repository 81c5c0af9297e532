package function

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/jsonpath"
	"github.com/auditlake/auditlake/planner/sqljson"
	"github.com/auditlake/auditlake/planner/types"
)

// SQLPaths are several calls of JSON_VALUE, JSON_QUERY and JSON_EXISTS over one text, which find members in one
// pass. They are safe for concurrent use.
type SQLPaths struct {
	calls []sqlPathCall
	paths *jsonpath.LaxPaths
}

// sqlPathCall is one of the calls, with its arguments after the text.
type sqlPathCall struct {
	fn      *types.Resolved
	rest    []batch.Vector
	setup   *jsonSetup
	compute jsonCompute
}

// IsOfMembers reports whether a SQL/JSON function with such settings can be one of SQLPaths: it searches for
// members in a text, has no parameters, and never fails.
func IsOfMembers(name, settings string) bool {
	switch name {
	case sqljson.ExistsFunction, sqljson.ValueFunction, sqljson.CaseFunction, sqljson.QueryFunction:
	default:
		return false
	}
	setup, err := readSetup(settings)
	if err != nil || setup.path == nil || setup.Input != sqljson.Text || len(setup.Params) > 0 {
		return false
	}
	return setup.OnError != sqljson.ErrorCase && setup.OnEmpty != sqljson.ErrorCase && jsonpath.IsOfMembers(setup.path)
}

// NewSQLPaths combines calls for which IsOfMembers is true. rest are the arguments of each call after the text;
// they are constants.
func NewSQLPaths(calls []*types.Resolved, rest [][]batch.Vector) (*SQLPaths, error) {
	p := &SQLPaths{}
	var paths []*sqljson.Path
	for i, fn := range calls {
		setup, err := readSetup(columnOf[string](rest[i][0]).at(0))
		if err != nil {
			return nil, err
		}
		paths = append(paths, setup.path)
		p.calls = append(p.calls, sqlPathCall{fn, rest[i], setup, jsonComputeOf(fn)})
	}
	p.paths = jsonpath.NewLaxPaths(paths)
	return p, nil
}

// Extract returns the results of each call for a column of texts that is not constant. It reads each text once,
// unless the text is malformed.
func (p *SQLPaths) Extract(env *Env, texts batch.Vector, rows int) ([]batch.Vector, error) {
	done, err := env.transiently(int64(len(p.calls)*rows) * sizeOf[jsonpath.Found]())
	if err != nil {
		return nil, err
	}
	defer done()
	found, err := p.find(env, texts, rows)
	if err != nil {
		return nil, err
	}
	out := make([]batch.Vector, len(p.calls))
	for i, call := range p.calls {
		setup := func(string) (*jsonSetup, error) { return call.setup, nil }
		c, err := openJSONCall(env, setup, call.fn, append([]batch.Vector{texts}, call.rest...))
		if err != nil {
			return nil, err
		}
		c.found = found[i]
		var a arrow.Array
		if a, err = call.compute(c, rows); err != nil {
			return nil, err
		}
		out[i].Array = a
	}
	return out, nil
}

// find returns the result of each path for each text.
func (p *SQLPaths) find(env *Env, texts batch.Vector, rows int) ([][]jsonpath.Found, error) {
	found := make([][]jsonpath.Found, len(p.calls))
	for path := range found {
		found[path] = make([]jsonpath.Found, rows)
	}
	row := 0
	finder := p.paths.Finder(func(path int, f jsonpath.Found) { found[path][row] = f })
	column, every := textColumnOf(texts), rowsBetweenLooks([]batch.Vector{texts})
	for ; row < rows; row++ {
		if row%every == 0 {
			if err := env.Stopped(); err != nil {
				return nil, err
			}
		}
		if !isNull(texts, row) {
			finder.Find(column.at(row))
		}
	}
	return found, nil
}
