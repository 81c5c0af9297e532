package batch

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestIsASCII: a byte beyond ASCII is seen wherever it stands, in texts of any length.
func TestIsASCII(t *testing.T) {
	for length := range 20 {
		text := strings.Repeat("\x7f", length)
		require.True(t, IsASCII(text), length)
		for at := range length {
			require.False(t, IsASCII(text[:at]+"\x80"+text[at+1:]), "%d of %d", at, length)
		}
	}
}
