package function

import (
	"cmp"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/types"
)

// objectKeys are the keys of maps as keys of JSON objects. compare orders two entries as the json type does; write
// appends the key of an entry with its colon.
type objectKeys struct {
	compare func(entry, other int) int
	write   writeJSON
}

// newObjectKeys opens the keys of maps. If their dictionary has fewer texts than there are entries, it quotes and
// sorts each text once.
func newObjectKeys(t *types.Type, keys arrow.Array) (objectKeys, error) {
	if d, ok := keys.(*array.Dictionary); ok && t.Key.Kind == types.Varchar && d.Dictionary().Len() < keys.Len() {
		return codedKeys(batch.Strings(d.Dictionary()), batch.Codes(d)), nil
	}
	texts, err := keyTexts(t, keys)
	return objectKeys{
		compare: func(entry, other int) int { return compareUTF16(texts[entry], texts[other]) },
		write: func(out []byte, entry int) []byte {
			return append(jsontext.AppendQuoted(out, texts[entry], jsontext.Canonical), ':')
		},
	}, err
}

func codedKeys(texts []string, codes []int32) objectKeys {
	byText, places, ends := make([]int32, len(texts)), make([]int32, len(texts)), make([]int, len(texts)+1)
	var quoted []byte
	for code, text := range texts {
		byText[code] = int32(code)
		quoted = append(jsontext.AppendQuoted(quoted, text, jsontext.Canonical), ':')
		ends[code+1] = len(quoted)
	}
	slices.SortFunc(byText, func(code, other int32) int { return compareUTF16(texts[code], texts[other]) })
	for place, code := range byText {
		places[code] = int32(place)
	}
	return objectKeys{
		compare: func(entry, other int) int { return cmp.Compare(places[codes[entry]], places[codes[other]]) },
		write: func(out []byte, entry int) []byte {
			code := codes[entry]
			return append(out, quoted[ends[code]:ends[code+1]]...)
		},
	}
}
