package storage

import (
	"crypto/sha256"
	"encoding/base64"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

// checksums computes eventjsonchecksum: base64 of the SHA-256 of each text, NULL for NULL.
func checksums(texts arrow.Array) arrow.Array {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	b.Reserve(texts.Len())
	for i := range texts.Len() {
		text, ok := textAt(texts, i)
		if !ok {
			b.AppendNull()
			continue
		}
		sum := sha256.Sum256([]byte(text))
		b.Append(base64.StdEncoding.EncodeToString(sum[:]))
	}
	return b.NewStringArray()
}

// textAt returns the text of a row of a string or dictionary array, false for NULL.
func textAt(texts arrow.Array, row int) (string, bool) {
	if texts.IsNull(row) {
		return "", false
	}
	if d, ok := texts.(*array.Dictionary); ok {
		return textAt(d.Dictionary(), d.GetValueIndex(row))
	}
	return texts.(*array.String).Value(row), true
}
