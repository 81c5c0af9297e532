package function

import (
	"strings"
	"sync/atomic"

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

// openPatterns makes a call's function that returns compiled patterns to one
// evaluation, on whose meter the last one is counted.
func (c *patternCache) openPatterns(m *memory.Meter) func(source string) (*javaregexp.Pattern, error) {
	var held *javaregexp.Pattern
	return func(source string) (*javaregexp.Pattern, error) {
		if held != nil && held.Source == source {
			return held, nil
		}
		before := m.Used()
		if held != nil {
			before -= held.SizeBytes()
		}
		held = nil
		e := c.last.Load()
		if e == nil || e.source != source {
			e = &cachedPattern{source: strings.Clone(source)}
			if e.compiled, e.err = javaregexp.Compile(m, e.source); e.err != nil && EndsStatement(e.err) {
				return nil, e.err
			}
			c.last.Store(e)
		}
		if e.err != nil {
			return nil, e.err
		}
		held = e.compiled
		return held, m.Settle(before + held.SizeBytes())
	}
}
