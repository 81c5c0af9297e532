package function

import (
	"cmp"
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/jsonpath"
	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/types"
)

// jsonFunctions is the family of functions over JSON text and the json type. Text that is not JSON gives NULL,
// except for json_parse and is_json_scalar.
func jsonFunctions() []Function {
	list := []Function{
		scalar("json_parse(varchar) -> json", "Reads JSON text.", parseJSON(func(text string) error {
			return argumentError("Cannot convert value to JSON: '%s'", types.Shortened(text))
		})),
		scalar(types.FnJSONParseForCast+"(varchar) -> json", "", parseJSON(func(text string) error {
			return castError("Cannot cast '%s' as JSON", types.Shortened(text))
		})),
		scalar(types.FnJSONTextForCast+"(varchar) -> json", "", asText),
		scalar("json_format(json) -> varchar", "Returns the json value as text.", asText),
	}
	for _, t := range []string{"varchar", "json"} {
		list = append(list,
			scalar("json_extract("+t+", varchar) -> json", "Returns the value at a path.", extracting(newJSONAppender)),
			scalar("json_extract_scalar("+scalarArgument(t)+", varchar) -> "+scalarArgument(t), "Returns the string, number or boolean at a path as text.",
				extracting(newScalarAppender), scalarResult(t)),
			scalar("json_size("+t+", varchar) -> bigint", "Returns the number of members or elements of the value at a path, 0 for a scalar.",
				bound(func(*types.Resolved) Bind { return binary(extractor(sizeOfJSON)) })),
			scalar("json_array_length("+t+") -> bigint", "Returns the number of elements of an array.", unary(lengthOfJSON)),
			scalar("json_array_get("+t+", bigint) -> json", "Returns the element at a position from 0, negative from the end.", getFromJSON),
			scalar("json_array_contains("+t+", bigint) -> boolean", "Reports whether an array has the number.", binary(containsBigint)),
			scalar("json_array_contains("+t+", double) -> boolean", "Reports whether an array has the number.", binary(containsDouble)),
			scalar("json_array_contains("+t+", boolean) -> boolean", "Reports whether an array has the boolean.", binary(containsBoolean)),
			scalar("json_array_contains("+t+", varchar) -> boolean", "Reports whether an array has the string.", binary(containsText)),
			scalar("is_json_scalar("+t+") -> boolean", "Reports whether it is a string, number, boolean or null.", unary(isScalarJSON)),
		)
	}
	return list
}

// asText returns the json type's values, which are held as their text.
func asText(*types.Resolved) Kernel {
	return func(_ *Env, args []batch.Vector, _ []Lambda, _ int) (batch.Vector, error) { return args[0], nil }
}

func scalarArgument(t string) string {
	if t == "json" {
		return t
	}
	return "varchar(x)"
}

// scalarResult makes the result an unbounded text if the argument is json.
func scalarResult(t string) types.Option {
	return types.ReturnOf(func(args []*types.Type) (*types.Type, error) {
		if t == "json" {
			return types.VarcharType, nil
		}
		return args[0], nil
	})
}

// extractor turns a reader of the value at a path into a function of text and path.
func extractor[R any](read func(*jsontext.Walker) (R, error)) func(text, path string) (R, error) {
	find := pathFinder()
	return func(text, path string) (R, error) {
		var none R
		j := jsontext.Walker{Text: text}
		if err := find(&j, path); err != nil {
			return none, err
		}
		value, err := read(&j)
		return value, nullIfMalformed(err)
	}
}

// pathFinder returns a function that moves to the value at a path, or returns errNull.
func pathFinder() func(j *jsontext.Walker, path string) error {
	compiled := memo(jsonpath.CompileMembers)
	return func(j *jsontext.Walker, path string) error {
		p, err := compiled(path)
		if err == nil && !p.Find(j) {
			err = errNull
		}
		return err
	}
}

func nullIfMalformed(err error) error {
	if err == jsontext.ErrMalformed {
		return errNull
	}
	return err
}

// jsonAppender appends a text made from the next value of a Walker.
type jsonAppender func(dst []byte, j *jsontext.Walker) ([]byte, error)

// extracting adapts the jsonAppender that open returns to a function of text and path.
func extracting(open func() jsonAppender) Bind {
	return bound(func(*types.Resolved) Bind {
		find := pathFinder()
		return appendBindErr(eachTakes(extractedBytes), func(args []batch.Vector) func([]byte, int) ([]byte, error) {
			texts, paths := columnOf[string](args[0]), columnOf[string](args[1])
			appendTo, j := open(), jsontext.Walker{}
			return func(dst []byte, i int) ([]byte, error) {
				j = jsontext.Walker{Text: texts.at(i)}
				if err := find(&j, paths.at(i)); err != nil {
					return dst, err
				}
				dst, err := appendTo(dst, &j)
				return dst, nullIfMalformed(err)
			}
		})
	})
}

// extractedBytes is the expected length of a value within a text.
const extractedBytes = 32

func newJSONAppender() jsonAppender { return (&canonicalWriter{order: asWritten}).appendValue }

func newScalarAppender() jsonAppender {
	return func(dst []byte, j *jsontext.Walker) ([]byte, error) {
		text, err := extractScalar(j)
		return append(dst, text...), err
	}
}

func extractScalar(j *jsontext.Walker) (string, error) {
	switch j.PeekByte() {
	case '{', '[', 'n':
		return "", errNull
	}
	text, err := j.ReadScalar()
	return jsontext.WithoutSurrogates(text), err
}

func sizeOfJSON(j *jsontext.Walker) (size int64, err error) {
	switch j.PeekByte() {
	case '{':
		err = j.EachMember(func(string) error { size++; return j.SkipValue() })
	case '[':
		err = j.EachElement(func(int) error { size++; return j.SkipValue() })
	case '"': // the opening quote suffices for a string, whatever follows
	default:
		err = j.SkipValue()
	}
	return size, err
}

// errFound ends a walk at the wanted value.
var errFound = errors.New("found")

// elements calls each for the elements of the array that j is at, until each returns errFound. If the value is not
// an array, or malformed, it returns errNull.
func elements(j *jsontext.Walker, each func() error) error {
	if j.PeekByte() != '[' {
		return errNull
	}
	if err := j.EachElement(func(int) error { return each() }); err != nil && err != errFound {
		return errNull
	}
	return nil
}

func lengthOfJSON(text string) (length int64, err error) {
	j := &jsontext.Walker{Text: text}
	err = elements(j, func() error { length++; return j.SkipValue() })
	return length, err
}

// getFromJSON does not check the text after the element, except for positions from the end.
var getFromJSON = appendBindErr(eachTakes(extractedBytes), func(args []batch.Vector) func([]byte, int) ([]byte, error) {
	texts, positions := columnOf[string](args[0]), columnOf[int64](args[1])
	appendList, appendScalar := (&canonicalWriter{order: mergedByKey}).appendUnescaped, newScalarAppender()
	return func(dst []byte, row int) ([]byte, error) {
		text, index := texts.at(row), positions.at(row)
		if index < 0 {
			length, err := lengthOfJSON(text)
			if index += length; err != nil || index < 0 {
				return dst, errNull
			}
		}
		j := &jsontext.Walker{Text: text}
		err := elements(j, func() (err error) {
			if index--; index >= 0 {
				return j.SkipValue()
			}
			if c := j.PeekByte(); c == '{' || c == '[' {
				dst, err = appendList(dst, j)
			} else {
				dst, err = appendScalar(dst, j)
			}
			return cmp.Or(err, errFound)
		})
		if err != nil || index >= 0 {
			return dst, errNull
		}
		return dst, nil
	}
})

// hasElement reports whether isWanted is true of an element of the array that j is at. isWanted reads the element.
func hasElement(j *jsontext.Walker, isWanted func() (bool, error)) (bool, error) {
	found := false
	err := elements(j, func() (err error) {
		if found, err = isWanted(); found {
			return errFound
		}
		return err
	})
	return found, err
}

// readsSame reads a value and reports whether it starts with one of the characters first, and same accepts it.
func readsSame(j *jsontext.Walker, first string, same func(value string) bool) (bool, error) {
	c := j.PeekByte()
	if c == 0 || strings.IndexByte(first, c) < 0 {
		return false, j.SkipValue()
	}
	value, err := j.ReadScalar()
	return err == nil && same(value), err
}

// containsJSON reports whether an array has an element for which readsSame is true.
func containsJSON(text, first string, same func(value string) bool) (bool, error) {
	j := jsontext.Walker{Text: text}
	return hasElement(&j, func() (bool, error) { return readsSame(&j, first, same) })
}

const numberStart = "-0123456789"

func containsBigint(text string, wanted int64) (bool, error) {
	j := jsontext.Walker{Text: text}
	return hasElement(&j, func() (bool, error) {
		if n, ok := j.TakeInteger(math.MaxInt64); ok {
			return n == wanted, nil
		}
		return readsSame(&j, numberStart, func(value string) bool {
			n, err := strconv.ParseInt(value, 10, 64)
			return err == nil && n == wanted
		})
	})
}

func containsDouble(text string, wanted float64) (bool, error) {
	if math.IsNaN(wanted) || math.IsInf(wanted, 0) {
		return false, nil
	}
	return containsJSON(text, numberStart, func(value string) bool {
		if !jsontext.HasFraction(value) {
			return false
		}
		f, err := strconv.ParseFloat(value, 64)
		return err == nil && f == wanted
	})
}

func containsBoolean(text string, wanted bool) (bool, error) {
	return containsJSON(text, "tf", func(value string) bool { return value == strconv.FormatBool(wanted) })
}

func containsText(text, wanted string) (bool, error) {
	return containsJSON(text, `"`, func(value string) bool { return value == wanted })
}

func isScalarJSON(text string) (bool, error) {
	j := jsontext.Walker{Text: text}
	c := j.PeekByte()
	if err := j.SkipValue(); err != nil || j.PeekByte() != 0 {
		return false, argumentError("Invalid JSON value: '%s'", types.Shortened(text))
	}
	return c != '{' && c != '[', nil
}
