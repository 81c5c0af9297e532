package function

import (
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/javaregexp"
	"github.com/auditlake/auditlake/engine/memory"
)

// patternCache caches the latest compiled pattern of a call and a few small ones, for all evaluations.
type patternCache struct{ patterns memoized[*javaregexp.Pattern] }

func newPatternCache() *patternCache {
	return &patternCache{memoized[*javaregexp.Pattern]{bytesOf: (*javaregexp.Pattern).SizeBytes}}
}

// openSearches returns a function that returns the search of a row's pattern, for one evaluation. The latest search
// is accounted on its meter.
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

// compiled returns the pattern of source. Compiling it is accounted on m.
func (c *patternCache) compiled(m *memory.Meter, source string) (*javaregexp.Pattern, error) {
	return c.patterns.of(source, func(source string) (*javaregexp.Pattern, error) { return javaregexp.Compile(m, source) })
}
