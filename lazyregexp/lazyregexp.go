// Package lazyregexp compiles the program's regular expressions when they are first used. Most processes use few of
// them, and each took its part of the time before main.
package lazyregexp

import (
	"regexp"
	"sync"
)

// New returns what compiles an expression the first time it is called, and returns it every time. It is safe for
// concurrent use. An expression that is none panics then: expressions are part of the program.
func New(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
