package engine

import "github.com/auditlake/auditlake/engine/samples"

type (
	// Sample is a question of the library.
	Sample = samples.Sample
	// FoundSample is a sample that a search finds.
	FoundSample = samples.Found
)

// Samples returns the library of questions, those of a theme together. Nobody changes them.
func Samples() []*Sample { return samples.All() }

// SearchSamples returns the questions that a phrase is about, the most relevant first.
func SearchSamples(phrase string) []FoundSample { return samples.Search(phrase) }
