package javauri

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestHosts: names, addresses and ports as Java reads them. What is no host is a registry's name, which has none of them.
func TestHosts(t *testing.T) {
	for authority, want := range map[string]struct {
		host string
		port int64
	}{
		"example.com":             {"example.com", -1},
		"example.com:8080":        {"example.com", 8080},
		"example.com:":            {"example.com", -1},
		"user:x@example.com:1":    {"example.com", 1},
		"example.com.":            {"example.com.", -1},
		"a-b.c1":                  {"a-b.c1", -1},
		"7":                       {"7", -1},
		"192.0.2.1":               {"192.0.2.1", -1},
		"192.0.2.255:443":         {"192.0.2.255", 443},
		"0.0.0.0":                 {"0.0.0.0", -1},
		"192.0.2.256":             {"", -1},
		"192.0.2.1000":            {"", -1},
		"192.0.2":                 {"", -1},
		"192.0..1":                {"", -1},
		"192.0.2.1.5":             {"", -1},
		"192.0.2.1.example":       {"192.0.2.1.example", -1},
		"-a.example":              {"", -1},
		"a-.example":              {"", -1},
		"a..example":              {"", -1},
		"example.1com":            {"", -1},
		"example.com:port":        {"", -1},
		"[2001:db8::1]":           {"[2001:db8::1]", -1},
		"[::1]:80":                {"[::1]", 80},
		"[1:2:3:4:5:6:7:8]":       {"[1:2:3:4:5:6:7:8]", -1},
		"[1:2:3:4:5:6:192.0.2.1]": {"[1:2:3:4:5:6:192.0.2.1]", -1},
		"[::ffff:192.0.2.1]":      {"[::ffff:192.0.2.1]", -1},
		"[fe80::1%eth0]":          {"[fe80::1%eth0]", -1},
	} {
		u, ok := Parse("http://" + authority + "/path")
		require.True(t, ok, authority)
		require.Equal(t, want.host, u.Host, authority)
		require.Equal(t, want.port, u.Port, authority)
		require.Equal(t, "/path", u.Path, authority)
	}
	for _, authority := range []string{
		"[1:2:3:4:5:6:7]", "[1:2:3:4:5:6:7:8:9]", "[1::2::3]", "[12345::]", "[::g]", "[::192.0.2.256]", "[1:2:3:4:5:6:7:192.0.2.1]", "[fe80::1%]", "[]", "[::1",
	} {
		_, ok := Parse("http://" + authority + "/path")
		require.False(t, ok, authority)
	}
}
