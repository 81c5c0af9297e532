package awsapi

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTokens(t *testing.T) {
	mine, others := tokens{[]byte("a key")}, tokens{[]byte("another key")}
	type place struct{ ID string }
	token, err := mine.encode("ListQueries\n1\n{}", place{"x"})
	require.NoError(t, err)
	require.Greater(t, len(token), 4)
	var read place
	require.NoError(t, mine.decode("ListQueries\n1\n{}", token, &read))
	require.Equal(t, place{"x"}, read)
	require.ErrorIs(t, others.decode("ListQueries\n1\n{}", token, &read), errToken, "another lake's")
	require.ErrorIs(t, mine.decode("ListQueries\n2\n{}", token, &read), errToken, "of another request")
	for at := range token {
		changed := []byte(token)
		changed[at] = 'A' + (changed[at]-'A'+1)%26
		if string(changed) == token {
			continue
		}
		require.ErrorIs(t, mine.decode("ListQueries\n1\n{}", string(changed), &read), errToken, "byte %d", at)
	}
	for at := range token {
		require.ErrorIs(t, mine.decode("ListQueries\n1\n{}", token[:at], &read), errToken)
	}
	_, err = mine.encode("", place{strings.Repeat("x", maxTokenCharacters)})
	require.Error(t, err, "longer than shapes allow")
}

// TestPagesWhileTheListChanges: whatever is inserted and deleted between two pages, each element that was there from the
// first page to the last is on one page, no element is on two, and the order is kept.
func TestPagesWhileTheListChanges(t *testing.T) {
	for seed := range uint64(500) {
		random := rand.New(rand.NewPCG(seed, 1))
		now := map[int]bool{}
		for range random.IntN(40) {
			now[random.IntN(100)] = true
		}
		stays := map[int]bool{}
		for e := range now {
			stays[e] = true
		}
		var seen []int
		var after *int
		for {
			all := list[int, int]{place: func(e int) int { return e }, compare: cmp.Compare[int]}
			for e := range now {
				all.elements = append(all.elements, e)
			}
			most := 1 + random.IntN(5)
			page, next := all.page(after, most)
			require.LessOrEqual(t, len(page), most)
			seen = append(seen, page...)
			if next == nil {
				break
			}
			after = next
			for range random.IntN(6) {
				e := random.IntN(100)
				if random.IntN(2) == 0 {
					now[e] = true
					continue
				}
				delete(now, e)
				delete(stays, e)
			}
		}
		require.True(t, slices.IsSorted(seen), "seed %d: %v", seed, seen)
		require.Len(t, slices.Compact(slices.Clone(seen)), len(seen), "seed %d: %v", seed, seen)
		for e := range stays {
			require.Contains(t, seen, e, "seed %d", seed)
		}
	}
}

func TestWithParameters(t *testing.T) {
	for _, tt := range []struct {
		name, sql string
		values    []string
		want      string
		arguments []string
		fails     bool
	}{
		{"none", "SELECT '?' FROM a", nil, "SELECT '?' FROM a", nil, false},
		{"plain and quoted", "SELECT * FROM a WHERE x > '?' AND y = ?", []string{"2026-01-31", "7"}, "SELECT * FROM a WHERE x > ? AND y = ?", []string{"'2026-01-31'", "7"}, false},
		{"a number in quotes is a text", "SELECT '?'", []string{"7"}, "SELECT ?", []string{"'7'"}, false},
		{"a text is no SQL", "SELECT ?", []string{"' OR 1=1 --"}, "SELECT ?", []string{"''' OR 1=1 --'"}, false},
		{"a number that is none", "SELECT ?", []string{"1e5"}, "SELECT ?", []string{"'1e5'"}, false},
		{"decimal", "SELECT ?", []string{"-1.50"}, "SELECT ?", []string{"-1.50"}, false},
		{"comments and other texts", "SELECT '??', 'a''?', \"?\" /* ? */ -- ?\n, ?", []string{"x"}, "SELECT '??', 'a''?', \"?\" /* ? */ -- ?\n, ?", []string{"'x'"}, false},
		{"quoted quote", "SELECT '''?', ?", []string{"x"}, "SELECT '''?', ?", []string{"'x'"}, false},
		{"text without end", "SELECT 'a ?", []string{"x"}, "", nil, true},
		{"too few", "SELECT ?, ?", []string{"x"}, "", nil, true},
		{"too many", "SELECT ?", []string{"x", "y"}, "", nil, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sql, arguments, err := withParameters(tt.sql, tt.values)
			if tt.fails {
				require.ErrorContains(t, err, "question marks")
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, sql)
			require.Equal(t, tt.arguments, arguments)
		})
	}
}

func TestNameAt(t *testing.T) {
	const id = "6a2f0b4e-11d7-4f0a-9a5e-2c8d7e1f3b90"
	for _, tt := range []struct {
		sql          string
		line, column int
		want         string
	}{
		{"SELECT * FROM " + id + " WHERE x", 1, 15, id},
		{"SELECT *\nFROM \"" + id + "\"", 2, 6, id},
		{"SELECT é FROM auditlake.main." + id + ";", 1, 15, id},
		{"SELECT 1", 2, 1, ""},
		{"SELECT 1", 1, 100, ""},
	} {
		require.Equal(t, tt.want, nameAt(tt.sql, tt.line, tt.column), tt.sql)
	}
}
