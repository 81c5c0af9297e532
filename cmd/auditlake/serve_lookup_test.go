package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLookupDays(t *testing.T) {
	for text, want := range map[string]time.Duration{"90": 90 * 24 * time.Hour, "1": 24 * time.Hour, "100000": 100_000 * 24 * time.Hour, "all": -1} {
		age, err := parseLookupDays(text)
		require.NoError(t, err)
		require.Equal(t, want, age, text)
	}
	for _, text := range []string{"", "0", "-1", "100001", "90d", "ALL"} {
		_, err := parseLookupDays(text)
		require.ErrorContains(t, err, "--lookup-days must be all or between 1 and 100000", text)
	}
}
