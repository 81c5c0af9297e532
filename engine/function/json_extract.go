package function

import (
	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/jsonpath"
	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/types"
)

// ScalarPaths are several paths of json_extract_scalar over one text. They are safe for concurrent use.
type ScalarPaths struct{ paths *jsonpath.MemberPaths }

// NewScalarPaths parses paths. It returns false if only json_extract_scalar can handle one of them: it is invalid,
// or names the text itself.
func NewScalarPaths(texts []string) (*ScalarPaths, bool) {
	var paths []*jsonpath.MemberPath
	for _, text := range texts {
		p, err := jsonpath.CompileMembers(text)
		if err != nil || !p.HasSteps() {
			return nil, false
		}
		paths = append(paths, p)
	}
	return &ScalarPaths{jsonpath.NewMemberPaths(paths)}, true
}

// Extract returns the results of json_extract_scalar, by path, for a column of texts that is not constant. It reads
// each text once.
func (p *ScalarPaths) Extract(env *Env, texts batch.Vector, rows int) ([]batch.Vector, error) {
	meter, count := meterOf(env), p.paths.Len()
	values, valid := make([][]string, count), make([][]byte, count)
	if err := meter.Grow(int64(count*rows) * sizeOf[string]()); err != nil {
		return nil, err
	}
	for path := range values {
		values[path], valid[path] = make([]string, rows), arrowdata.NewBitmap(rows)
	}
	row, found := 0, int64(0) // bytes of the row's values
	finder := p.paths.Finder(func(path int, j *jsontext.Walker) {
		if value, err := extractScalar(j); err == nil {
			values[path][row] = value
			arrowdata.SetBit(valid[path], row)
			found += int64(len(value))
		}
	})
	column, present := columnOf[string](texts), arrowdata.Validity(texts.Array)
	every, before := rowsBetweenLooks([]batch.Vector{texts}), meter.Used()
	for ; row < rows; row++ {
		if row%every == 0 {
			if err := meter.Stopped(); err != nil {
				return nil, err
			}
		}
		if !arrowdata.IsValid(present, row) {
			continue
		}
		found = 0
		finder.Find(column.at(row))
		if err := meter.Grow(found); err != nil {
			return nil, err
		}
	}
	if err := meter.Grow(meter.Used() - before); err != nil { // for the arrays, a copy of the texts
		return nil, err
	}
	out := make([]batch.Vector, count)
	for path := range out {
		a, err := arrayOf(arrowtype.Of(types.VarcharType), values[path], valid[path], env.inTurn)
		if err != nil {
			return nil, err
		}
		out[path].Array = a
	}
	return out, nil
}
