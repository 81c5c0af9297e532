package function

import (
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/types"
)

// parseJSON converts texts to the form of the json type; refuse returns the error of a text that is not JSON. If
// all texts of a column have that form already, it returns the column itself.
func parseJSON(refuse func(text string) error) Bind {
	return func(fn *types.Resolved) Kernel {
		return func(env *Env, args []batch.Vector, lambdas []Lambda, rows int) (batch.Vector, error) {
			computed, _ := rowsToCompute(args, rows)
			plain, err := plainRows(env, args, computed)
			if err != nil || plain == computed {
				return args[0], err
			}
			return jsonForms(plain, refuse)(fn)(env, args, lambdas, rows)
		}
	}
}

// plainRows returns the number of rows before the first text that may need another form.
func plainRows(env *Env, args []batch.Vector, rows int) (int, error) {
	if _, ok := args[0].Array.(*array.String); !ok {
		return 0, nil
	}
	meter, every := meterOf(env), rowsBetweenLooks(args)
	offsets, data := batch.Text(args[0].Array)
	texts, valid := viewText(data), arrowdata.Validity(args[0].Array)
	for i := range rows {
		if i%every == 0 {
			if err := meter.Stopped(); err != nil {
				return 0, err
			}
		}
		if arrowdata.IsValid(valid, i) && !jsontext.IsPlain(texts[offsets[i]:offsets[i+1]], sortedByKey.plain()) {
			return i, nil
		}
	}
	return rows, nil
}

// jsonForms writes texts in the form of the json type. The first plain texts have that form already.
func jsonForms(plain int, refuse func(text string) error) Bind {
	return appendBindErr(itsBytes, func(args []batch.Vector) func([]byte, int) ([]byte, error) {
		texts, w := columnOf[string](args[0]), canonicalWriter{order: sortedByKey}
		return func(dst []byte, i int) ([]byte, error) {
			text := texts.at(i)
			if i < plain {
				return append(dst, text...), nil
			}
			dst, err := w.appendText(dst, text)
			if err != nil {
				return dst, refuse(text)
			}
			return dst, nil
		}
	})
}
