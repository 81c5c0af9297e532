package samples

import (
	"strings"

	"github.com/auditlake/auditlake/lazyregexp"
)

// wordPattern finds words in texts and names of the API: ConsoleLogin is two words.
var wordPattern = lazyregexp.New(`[A-Z]+[0-9]*s?\b|[A-Z]?[a-z]+[0-9]*|[A-Z]+[0-9]*|[0-9]+`)

// emptyWords say nothing about what a user looks for.
var emptyWords = setOf(`a about account all an and any are as at be been by call calls called can count did do does event events find for from get give had has have how i in ins into is it
	its list many me most much my number of on or our over per please query see sh show some tell that the their them there these they this those time times to top under up us
	use uses used using want was we were what when where which who whom whose why will with within you your`)

// sameWords are words that people use for one another, by the one that stands for them.
var sameWords = map[string]string{}

func init() {
	for _, line := range []string{
		"login signin logon signon sign log", "delete remove destroy destructive terminate purge erase deletion termination removal", "deny denied refuse refused unauthorized forbidden reject refusal",
		"user principal caller person people identity operator", "error failure fail failed mistake", "mfa multifactor factor", "instance machine server vm", "throttle slow ratelimit limit",
		"create make made launch new creation start", "change modify modification edit update alter", "internet public everybody open world exposed expose", "trend history hourly daily weekly",
		"ip address source", "key credential", "s3 bucket object file storage", "trail cloudtrail logging", "region location", "disable off stop deactivate", "assume assumed sts", "tls ssl encryption",
		"outside external foreign cross", "recent latest last", "unusual anomaly suspicious strange abnormal rare insight", "admin administrator privilege privileged",
		"expensive cost bill price spend", "dynamodb table", "lambda function invocation invoke", "organization organisation org", "network vpc subnet route", "frequent busy active popular common",
		"secret password", "tag tagged label enriched enrichment", "read access reach download", "policy permission", "kms kmskey", "old outdated", "brute guess spray", "console portal", "api action operation",
	} {
		words := strings.Fields(line)
		for _, w := range words {
			sameWords[stem(w)] = stem(words[0])
		}
	}
}

func setOf(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}

// words returns the words of a text that samples are found by: stems, without empty words, and one for all words of
// a meaning.
func words(text string) (out []string) {
	for _, w := range wordPattern().FindAllString(text, -1) {
		w = strings.ToLower(w)
		if emptyWords[w] {
			continue
		}
		w = stem(w)
		if same, ok := sameWords[w]; ok {
			w = same
		}
		out = append(out, w)
	}
	return out
}

// stem takes the ending from a word of English: plural, past and -ing.
func stem(w string) string {
	for _, ending := range []struct{ from, to string }{{"ies", "y"}, {"sses", "ss"}, {"ches", "ch"}, {"shes", "sh"}, {"ings", ""}, {"ing", ""}, {"ied", "y"}, {"ed", ""}, {"s", ""}} {
		rest, found := strings.CutSuffix(w, ending.from)
		if !found || len(rest) < 3 || ending.from == "s" && strings.HasSuffix(rest, "s") {
			continue
		}
		w = rest + ending.to
		break
	}
	if n := len(w); n > 3 && w[n-1] == w[n-2] && w[n-1] != 's' && w[n-1] != 'l' { // stopped
		w = w[:n-1]
	}
	return strings.TrimSuffix(w, "e")
}
