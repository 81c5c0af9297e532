package exec

import "os"

// TriesAll reports whether AUDITLAKE_BUDGETS is set, as the soak sets it. Then tests try all combinations of their settings, and more cases.
func TriesAll() bool {
	_, all := os.LookupEnv("AUDITLAKE_BUDGETS")
	return all
}

// IsLeftOut reports whether only the soak tries a combination of settings. places are the places of the settings in their lists of values.
// A test that is given two lists of three values or more tries a third of their combinations, with every value of both.
func IsLeftOut(places ...int) bool {
	sum := 0
	for _, place := range places {
		sum += place
	}
	return sum%3 > 0 && !TriesAll()
}
