package function

import (
	"strings"
	"sync/atomic"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/javaregexp"
	"github.com/auditlake/auditlake/engine/memory"
)

// patternCache keeps the last compiled pattern of a call, for all evaluations.
type patternCache struct{ last atomic.Pointer[cachedPattern] }

type cachedPattern struct {
	source   string
	compiled *javaregexp.Pattern
	err      error
}

// openSearches makes a call's function that returns searches of a row's pattern to one
// evaluation, on whose meter the last one is counted.
func (c *patternCache) openSearches(env *Env, patterns batch.Vector) func(i int) (*javaregexp.Search, error) {
	source, m := columnOf[string](patterns), meterOf(env)
	var held *javaregexp.Search
	return func(i int) (*javaregexp.Search, error) {
		if held != nil && held.Source == source.at(i) {
			return held, nil
		}
		before := m.Used()
		if held != nil {
			before -= held.SizeBytes()
		}
		held = nil
		p, err := c.compiled(m, source.at(i))
		if err != nil {
			return nil, err
		}
		held = p.Search(m)
		return held, m.Settle(before + p.SizeBytes())
	}
}

// compiled is the pattern of source, whose compiling is counted on m.
func (c *patternCache) compiled(m *memory.Meter, source string) (*javaregexp.Pattern, error) {
	e := c.last.Load()
	if e == nil || e.source != source {
		e = &cachedPattern{source: strings.Clone(source)}
		if e.compiled, e.err = javaregexp.Compile(m, e.source); e.err != nil && EndsStatement(e.err) {
			return nil, e.err
		}
		c.last.Store(e)
	}
	return e.compiled, e.err
}
