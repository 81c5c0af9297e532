package function

import (
	"github.com/auditlake/auditlake/engine/function/internal/stem"
)

// stemFunctions is word_stem: the stem of a word by the Snowball rules of its
// language.
func stemFunctions() []Function {
	const doc = "Returns the stem of a word: of an English one, or of the language of two letters."
	return []Function{
		scalar("word_stem(varchar(x)) -> varchar(x)", doc, unaryPure(stem.English)),
		scalar("word_stem(varchar(x), varchar(2)) -> varchar(x)", doc, binary(stem.Word)),
	}
}
