package stem

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStems(t *testing.T) {
	for _, c := range []struct {
		language string
		stems    map[string]string
	}{
		{"en", map[string]string{
			"": "", "a": "a", "as": "as", "running": "run", "caresses": "caress", "ponies": "poni", "ties": "tie", "cats": "cat",
			"gas": "gas", "agreed": "agre", "plastered": "plaster", "motoring": "motor", "hoping": "hope", "hopping": "hop",
			"conflated": "conflat", "happy": "happi", "by": "by", "say": "say", "relational": "relat", "generously": "generous",
			"generate": "generat", "consistency": "consist", "consolation": "consol", "knightly": "knight", "dying": "die",
			"proceeding": "proceed", "national": "nation", "bias": "bias", "controlled": "control", "rate": "rate",
			"adoption": "adopt", "triplicate": "triplic", "hopefulness": "hope", "wonderful": "wonder", "authentication": "authent",
		}},
		{"de", map[string]string{
			"laufen": "lauf", "aufeinander": "aufeinand", "kategorie": "kategori", "häuser": "haus", "straße": "strass",
			"schönheit": "schonheit", "freundlich": "freundlich", "bildung": "bildung", "verhältnisse": "verhaltnis",
		}},
	} {
		for word, want := range c.stems {
			got, err := Word(word, c.language)
			require.NoError(t, err)
			require.Equal(t, want, got, "%s: %s", c.language, word)
		}
	}
	_, err := Word("x", "zz")
	require.ErrorContains(t, err, "INVALID_FUNCTION_ARGUMENT")
	_, err = Word("x", "fr")
	require.ErrorContains(t, err, "NOT_SUPPORTED")
}

func FuzzStems(f *testing.F) {
	for _, seed := range []string{"'s'", "yyyy", "ied", "eedly", "niss", "Ünï 12"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, word string) {
		require.LessOrEqual(t, len([]rune(English(word))), len([]rune(word))+1)
		german(word)
	})
}
