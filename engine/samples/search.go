package samples

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"
)

// Found is a sample that a search finds.
type Found struct {
	*Sample
	Relevance float64 // of 0 to 1
}

// The weights of where a word of the phrase stands in a sample.
const (
	nameWeight        = 3.0
	tagWeight         = 2.5
	descriptionWeight = 2.0
	themeWeight       = 1.5
	statementWeight   = 1.0
)

// index says how much each word counts in each sample.
type index struct {
	weights []map[string]float64 // by sample
	rarity  map[string]float64   // of words: the fewer samples have one, the more it says
}

var library = sync.OnceValue(func() *index {
	x := &index{rarity: map[string]float64{}}
	for _, s := range All() {
		weights := map[string]float64{}
		for _, part := range []struct {
			text   string
			weight float64
		}{{s.Name, nameWeight}, {strings.Join(s.Tags, " "), tagWeight}, {s.Description, descriptionWeight}, {s.Theme, themeWeight}, {s.statement, statementWeight}} {
			for _, w := range words(part.text) {
				weights[w] = max(weights[w], part.weight)
			}
		}
		for w := range weights {
			x.rarity[w]++
		}
		x.weights = append(x.weights, weights)
	}
	for w, count := range x.rarity {
		x.rarity[w] = math.Log(1 + float64(len(x.weights))/count)
	}
	return x
})

// minRelevance is how relevant a sample must be to be found.
const minRelevance = 0.15

// Search returns the samples that a phrase is about, the most relevant first. A sample with all words of the phrase
// in its name has relevance 1.
func Search(phrase string) (found []Found) {
	x := library()
	asked := words(phrase)
	slices.Sort(asked)
	asked = slices.Compact(asked)
	most := 0.0
	for _, w := range asked {
		most += nameWeight * x.rarityOf(w)
	}
	if most == 0 {
		return nil
	}
	for i, s := range All() {
		score, inName := 0.0, 0
		for _, w := range asked {
			score += x.weights[i][w] * x.rarityOf(w)
			if x.weights[i][w] == nameWeight {
				inName++
			}
		}
		// Of samples with the same words, the one whose name has fewer others is meant.
		others := len(words(s.Name)) - inName
		if relevance := score / most / (1 + 0.02*float64(others)); relevance >= minRelevance {
			found = append(found, Found{s, relevance})
		}
	}
	slices.SortStableFunc(found, func(a, b Found) int { return cmp.Compare(b.Relevance, a.Relevance) })
	return found
}

// rarityOf returns the weight of a word. A word that no sample has weighs as much as one that a single sample has.
func (x *index) rarityOf(w string) float64 {
	if r, isThere := x.rarity[w]; isThere {
		return r
	}
	return math.Log(1 + float64(len(x.weights)))
}
