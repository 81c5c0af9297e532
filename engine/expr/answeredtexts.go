package expr

import (
	"sync"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
)

// answeredTexts are what a function gave for texts of dictionaries: those of one stripe are mostly those of the stripes before.
type answeredTexts struct {
	mu     sync.Mutex
	codes  *batch.Interner // mu; the code of a text is its place in values, from 1 on
	values arrow.Array     // mu; nobody changes it; nil: there are none
	isOff  bool            // mu; texts turned out to be new in each dictionary, or too many to be kept
}

// minRemembered is from how long on, for a value, its answer is kept: looking it up takes less.
const minRemembered = 250 * time.Nanosecond

// rememberedAnswers say where the answers for a dictionary's texts are: in known, or behind it among those for the texts that are new.
type rememberedAnswers struct {
	known  arrow.Array
	places []int32 // by text of the dictionary
	fresh  arrow.Array
}

// recall finds what is known of a dictionary; nil where that is nothing. It copies no more than maxKeptAnswerBytes, which nobody accounts for:
// whoever accounts may have to wait for a processor, and must hold no lock then.
func (t *answeredTexts) recall(dictionary arrow.Array) *rememberedAnswers {
	texts, isText := dictionary.(*array.String)
	if !isText || texts.Len() == 0 {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.values == nil || t.isOff {
		return nil
	}
	r := &rememberedAnswers{known: t.values, places: make([]int32, texts.Len())}
	if err := t.codes.Find(batch.Vector{Array: texts}, texts.Len(), r.places); err != nil {
		return nil
	}
	var fresh []int32
	for i, code := range r.places {
		if code > 0 {
			r.places[i] = code - 1
			continue
		}
		r.places[i] = int32(r.known.Len() + len(fresh))
		fresh = append(fresh, int32(i))
	}
	if len(fresh) > texts.Len()/2 {
		t.isOff, t.codes, t.values = true, nil, nil
		return nil
	}
	if batch.TakenBytes(texts, fresh) > maxKeptAnswerBytes {
		return nil
	}
	r.fresh = batch.Take(texts, fresh)
	return r
}

// joined are the answers for all texts of the dictionary, made of those for the fresh ones.
func (r *rememberedAnswers) joined(env *function.Env, ofFresh arrow.Array) arrow.Array {
	return env.Take(env.Concat([]arrow.Array{r.known, ofFresh}), r.places)
}

// remember adds the answers for texts of a dictionary, those that are fresh beside what was recalled of it, if it knows no others since. Where
// they become too many all are forgotten.
func (t *answeredTexts) remember(recalled *rememberedAnswers, texts, answers arrow.Array) {
	t.mu.Lock()
	defer t.mu.Unlock()
	known := arrow.Array(nil)
	if recalled != nil {
		known = recalled.known
	}
	if _, isText := texts.(*array.String); !isText || t.isOff || known != t.values && recalled != nil {
		return
	}
	if recalled == nil {
		t.codes, t.values = batch.NewInterner(arrow.BinaryTypes.String), nil
	}
	before, codes := t.codes.Len(), make([]int32, texts.Len())
	if err := t.codes.Insert(batch.Vector{Array: texts}, texts.Len(), codes); err != nil {
		t.isOff = true
		return
	}
	var firsts []int32 // a dictionary may have a text twice
	for i, code := range codes {
		if int(code) == before+len(firsts) {
			firsts = append(firsts, int32(i))
		}
	}
	added := batch.Take(answers, firsts)
	if known != nil {
		added = batch.Concat([]arrow.Array{known, added})
	}
	t.values = added
	if t.codes.SizeBytes()+batch.ArrayBytes(added) > maxKeptAnswerBytes {
		t.isOff, t.codes, t.values = true, nil, nil
	}
}
