package object

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIsBucketName(t *testing.T) {
	for name, want := range map[string]bool{
		"abc": true, "a-b": true, "a.b": true, "a--b": true, "1.2.3": true, "my.logs.2026": true, strings.Repeat("a", 63): true, "local-x": true,
		"": false, "ab": false, strings.Repeat("a", 64): false, "Abc": false, "a_b": false, "-ab": false, "ab-": false, ".ab": false, "ab.": false,
		"a..b": false, "a.-b": false, "a-.b": false, "192.0.2.1": false, "aéb": false, "a b": false, "a/b": false, "abc\n": false,
	} {
		require.Equal(t, want, IsBucketName(name), "%q", name)
	}
}

func TestIsRegion(t *testing.T) {
	for name, want := range map[string]bool{
		"us-east-1": true, "us-gov-west-1": true, "eu-isoe-west-1": true, "xx-1": true, "aws-global": true,
		"": false, "us": false, "u-east-1": false, "us-": false, "us--1": false, "us-east-1-": false, "-us-east-1": false,
		"US-east-1": false, "us-East-1": false, "u1-east-1": false, "us-east_1": false, "us-éast": false, "us-east-1\n": false,
	} {
		require.Equal(t, want, IsRegion(name), "%q", name)
	}
}
