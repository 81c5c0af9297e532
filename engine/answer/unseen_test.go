package answer_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/answer"
)

// TestPrintableShowsUnseenCharacters: no character of an event changes how a terminal shows others without being seen.
func TestPrintableShowsUnseenCharacters(t *testing.T) {
	for _, r := range []struct{ text, want string }{
		{"a\u202eb", `a\u202eb`}, {"a\u202ab", `a\u202ab`}, {"a\u2066b\u2069", `a\u2066b\u2069`}, {"a\u200bb", `a\u200bb`}, {"a\u200fb", `a\u200fb`},
		{"\ufeffa", `\ufeffa`}, {"a\u061cb", `a\u061cb`}, {"a\u00adb", `a\u00adb`}, {"a\U000e0041b", `a\u{e0041}b`}, {"a\u2028b", `a\u2028b`}, {"a\u3164b", `a\u3164b`},
		{"a\x1b[2Jb", "a\ufffd[2Jb"}, {"a\nb", "a b"}, {"Zoë 漢字 ✓", "Zoë 漢字 ✓"}, {"a\xffb", "a\ufffdb"},
	} {
		require.Equal(t, r.want, answer.Printable(r.text), "%q", r.text)
		require.Equal(t, r.want, answer.Printable([]byte(r.text)), "%q", r.text)
	}
}
