// Package lazyregexp compiles the program's regular expressions at their first use. Most processes use only a few,
// and compiling all delayed main.
package lazyregexp

import (
	"regexp"
	"sync"
)

// New returns a function that compiles an expression in its first call and returns it in every call. The function
// is safe for concurrent use. It panics if the expression is invalid: expressions are part of the program.
func New(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
