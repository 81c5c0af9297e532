package storage

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFewPushedEventsAreNoWork(t *testing.T) {
	part := func(events, eventBytes int) Part {
		return Part{Events: JoinTexts(textsOf(events, eventBytes))}
	}
	for _, c := range []struct {
		name  string
		parts []Part
		want  bool
	}{
		{"what a server writes down of a question", []Part{part(3, 1000)}, false},
		{"a hundred events", []Part{part(100, 2000)}, false},
		{"many events", []Part{part(1000, 2000)}, true},
		{"many events of several stores", []Part{part(100, 2000), part(100, 2000)}, true},
	} {
		t.Run(c.name, func(t *testing.T) { require.Equal(t, c.want, areWork(c.parts)) })
	}
}

// textsOf are so many texts of so many bytes.
func textsOf(texts, textBytes int) (all [][]byte) {
	for range texts {
		all = append(all, bytes.Repeat([]byte("x"), textBytes))
	}
	return all
}
