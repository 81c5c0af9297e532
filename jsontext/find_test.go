package jsontext_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/jsontext"
)

// TestFind compares what is found with what a walk through all members or elements comes to, in texts of which many are malformed.
func TestFind(t *testing.T) {
	errFound := errors.New("found")
	whole := []string{
		`{"a":1,"b":[2,{"a":3}],"c":"x","a":4}`, ` { "b" : {"a":[]} , "\u0061" : null }`, `{"b":1.5e3,"c":-0,"a":true}`, `{"b":"\"","c":tru,"a":1}`, `{"a`, `{}`, `{"b":2`,
		`[1,"a",{"a":1}]`, ` [ [1 , 2] , null , 1e9 ]`, `[1,]`, `[]`, `[`, `["\q",1,2]`, `[01,2,3]`,
	}
	random := rand.New(rand.NewPCG(5, 8))
	found := 0
	for range 50_000 {
		text := []byte(whole[random.IntN(len(whole))])
		for range random.IntN(3) {
			text[random.IntN(len(text))] = `[]{}",:\a1e-. `[random.IntN(14)]
		}
		walked := jsontext.Walker{Text: string(text)}
		first := walked.PeekByte()
		at := walked
		position := random.IntN(4) - 1
		var isFound bool
		switch first {
		case '{':
			isFound = errFound == walked.EachMember(func(key string) error {
				if key == "a" {
					return errFound
				}
				return walked.SkipValue()
			})
			require.Equal(t, isFound, at.FindMember("a"), "%s", text)
		case '[':
			isFound = errFound == walked.EachElement(func(i int) error {
				if i == position {
					return errFound
				}
				return walked.SkipValue()
			})
			require.Equal(t, isFound, at.FindElement(position), "%d of %s", position, text)
		}
		if isFound {
			found++
			require.Equal(t, walked.Rest(), at.Rest(), "%s", text)
		}
	}
	require.Greater(t, found, 10_000)
}
