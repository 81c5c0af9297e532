package engine

import "github.com/auditlake/auditlake/engine/samples"

type (
	// Sample is a question of the library.
	Sample = samples.Sample
	// FoundSample is a sample found by a search.
	FoundSample = samples.Found
)

// Samples returns the library of questions, grouped by theme. The caller must not change them.
func Samples() []*Sample { return samples.All() }

// SearchSamples returns the questions that match a phrase, the most relevant first.
func SearchSamples(phrase string) []FoundSample { return samples.Search(phrase) }
