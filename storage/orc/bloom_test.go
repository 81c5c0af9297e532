package orc

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTextHash: the hash of texts shorter and longer than its blocks of eight bytes. Other readers and writers of ORC files
// compute the same, as an implementation of its definition in another language does that gave these numbers.
func TestTextHash(t *testing.T) {
	for text, want := range map[string]uint64{
		"":             0x74a18dc8f20adb48,
		"a":            0xddd9b0af19f61187,
		"PutObject":    0x2dfe1ebee1668fda,
		"ConsoleLogin": 0x5fafe669beb1ccf3,
		"arn:aws:iam::111122223333:user/somebody": 0x08fd577b691b165d,
		"é": 0xaa405ef059a89e5a,
	} {
		require.Equal(t, want, textHash([]byte(text)), text)
	}
}
