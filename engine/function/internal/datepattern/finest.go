package datepattern

import (
	"strings"
	"time"
)

// FinestMySQL is a unit of time of which all instants give the same text by a MySQL pattern, a day at most; 0 for one below
// a second.
func FinestMySQL(pattern string) time.Duration {
	finest := 24 * time.Hour
	for {
		_, rest, found := strings.Cut(pattern, "%")
		if !found || rest == "" {
			return finest
		}
		switch rest[0] {
		case 'f':
			return 0
		case 'r', 'S', 's', 'T':
			finest = min(finest, time.Second)
		case 'i':
			finest = min(finest, time.Minute)
		case 'H', 'h', 'I', 'k', 'l', 'p':
			finest = min(finest, time.Hour)
		}
		pattern = rest[1:]
	}
}

// FinestJoda is FinestMySQL of a Joda pattern, of which quoted letters count as if they were not.
func FinestJoda(pattern string) time.Duration {
	switch {
	case strings.Contains(pattern, "S"):
		return 0
	case strings.Contains(pattern, "s"):
		return time.Second
	case strings.Contains(pattern, "m"):
		return time.Minute
	case strings.ContainsAny(pattern, "HhKka"):
		return time.Hour
	}
	return 24 * time.Hour
}
