package function

import (
	"golang.org/x/text/unicode/norm"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

var normalForms = map[string]norm.Form{"NFC": norm.NFC, "NFD": norm.NFD, "NFKC": norm.NFKC, "NFKD": norm.NFKD}

// normalizeTexts is normalize for a column. ASCII texts are unchanged in all forms.
func normalizeTexts(fn *types.Resolved) Kernel {
	rowByRow := binaryEnv(normalizeText)(fn)
	return func(env *Env, args []batch.Vector, lambdas []Lambda, rows int) (batch.Vector, error) {
		if form := args[1]; form.Const && !isNull(form, 0) {
			_, isForm := normalForms[columnOf[string](form).at(0)]
			if _, _, isASCII := asciiTexts(args[0]); isForm && isASCII {
				return args[0], nil
			}
		}
		return rowByRow(env, args, lambdas, rows)
	}
}

func normalizeText(env *Env, s, form string) (string, error) {
	to, ok := normalForms[form]
	if !ok {
		return "", argumentError("Normalization form must be one of [NFD, NFC, NFKD, NFKC]")
	}
	return inPieces(env, s, endOfForm(to), to.String)
}
