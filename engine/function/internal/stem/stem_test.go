package stem

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestStems has stems as Trino answers them.
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
			"dresses": "dress", "cried": "cri", "cries": "cri", "lied": "lie", "spied": "spi", "kiwis": "kiwi", "this": "this",
			"us": "us", "glass": "glass", "buses": "buse", "james's": "jame", "dogs'": "dog", "feed": "feed", "bleed": "bleed",
			"agreedly": "agre", "boundedly": "bound", "amazingly": "amaz", "falling": "fall", "filed": "file", "hopped": "hop",
			"sized": "size", "fizzed": "fizz", "conflating": "conflat", "troubled": "troubl", "rating": "rate",
			"snowed": "snow", "fixed": "fix", "stayed": "stay", "saying": "say", "cry": "cri", "enjoy": "enjoy",
			"analogy": "analog", "biology": "biolog", "apology": "apolog", "usually": "usual", "ably": "abli",
			"quickly": "quick", "lovely": "love", "really": "realli", "boldly": "bold", "radically": "radic",
			"fulfilment": "fulfil", "hopelessly": "hopeless", "carefully": "care", "sensibility": "sensibl",
			"sensational": "sensat", "sensationalize": "sensation", "formalize": "formal", "duplicate": "duplic",
			"electricity": "electr", "electrical": "electr", "goodness": "good", "formative": "format", "decorative": "decor",
			"demonstrative": "demonstr", "native": "nativ", "revival": "reviv", "allowance": "allow", "inference": "infer",
			"airliner": "airlin", "gyroscopic": "gyroscop", "adjustable": "adjust", "defensible": "defens", "irritant": "irrit",
			"replacement": "replac", "adjustment": "adjust", "dependent": "depend", "homologous": "homolog",
			"communism": "communism", "activate": "activ", "angularity": "angular", "effective": "effect",
			"bowdlerize": "bowdler", "decision": "decis", "region": "region", "cease": "ceas", "fate": "fate",
			"parable": "parabl", "controlling": "control", "rolls": "roll", "null": "null", "hugely": "huge",
			"communication": "communic", "arsenal": "arsenal", "general": "general", "skis": "ski", "succeed": "succeed",
			"exceedingly": "exceed", "earrings": "earring", "'tis": "tis", "y": "y", "yes": "yes", "youth": "youth",
			"boyish": "boyish", "adding": "add", "egging": "egg",
			"offing": "off", "issing": "iss", "upping": "up", "iffing": "if", "addeds": "add",
		}},
		{"de", map[string]string{
			"laufen": "lauf", "aufeinander": "aufeinand", "kategorie": "kategori", "häuser": "haus", "straße": "strass",
			"schönheit": "schonheit", "freundlich": "freundlich", "bildung": "bildung", "verhältnisse": "verhaltnis",
			"neuigkeiten": "neuig", "ergebnisses": "ergebnis", "autos": "autos", "hilfst": "hilf", "kleinst": "klein",
			"schreibst": "schreib", "größten": "grosst", "laufend": "laufend", "bewegungen": "beweg", "einigung": "einig",
			"beruhigend": "beruh", "genauigkeit": "genau", "freundlichkeit": "freundlich", "ewigkeit": "ewig",
			"herzlich": "herzlich", "lieblich": "lieblich", "bitterlich": "bitt", "eigentlich": "eigent",
			"schönheiten": "schonheit", "krankheiten": "krankheit", "komisch": "komisch", "politik": "polit", "musik": "musik",
			"regierung": "regier", "beschädigung": "beschad", "königlich": "konig", "bedürftigkeit": "bedurft", "bayern": "bay",
			"bauen": "bau", "quelle": "quell", "aeussern": "auss", "zuverlässigkeit": "zuverlass", "möglichkeit": "moglich",
			"kindern": "kind", "männern": "mann", "machtest": "macht", "bist": "bist", "war": "war", "veilchen": "veilch",
			"mysteriös": "mysterios", "schlichte": "schlicht", "sonderheit": "sond", "offenheit": "off",
			"begeisterung": "begeister", "reinigung": "reinig", "theoretisch": "theoret", "kenntnissen": "kenntnis",
			"höchst": "hoch", "ernst": "ernst", "ärgerlich": "arg", "nachtsystem": "nachtsystem",
			"systemen": "system", "systems": "system", "xystem": "xyst",
		}},
	} {
		for word, want := range c.stems {
			got, err := Word(word, c.language)
			require.NoError(t, err)
			assert.Equal(t, want, got, "%s: %s", c.language, word)
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
