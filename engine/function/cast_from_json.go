package function

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/types"
)

// castFromJSON reads values of type to from JSON text; JSON null is NULL.
func castFromJSON(to *types.Type) (caster, bool) {
	if !readsJSON(to) {
		return nil, false
	}
	return func(try bool) Bind {
		return func(*types.Resolved) Kernel { return jsonCastKernel(to, try) }
	}, true
}

func jsonCastKernel(to *types.Type, try bool) Kernel {
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		if err := refuseKeys(to); err != nil {
			return batch.Vector{}, err
		}
		rows, constant := rowsToCompute(args, rows)
		done, err := env.transiently(scratchBytes(args))
		if err != nil {
			return batch.Vector{}, err
		}
		defer done()
		isNull := env.isNull
		if try {
			isNull = func(err error) bool { return !EndsStatement(err) }
		}
		column := newParsedColumn(meterOf(env), to)
		if err := readJSONTexts(env, column, to, args, rows, isNull); err != nil {
			return batch.Vector{}, err
		}
		a, err := column.array()
		return batch.Vector{Array: a, Const: constant}, err
	}
}

// readJSONTexts appends the values of args to column. If isNull is true of a value's error, the value becomes NULL.
func readJSONTexts(env *Env, column parsedColumn, to *types.Type, args []batch.Vector, rows int, isNull func(error) bool) error {
	j, read := jsontext.Walker{}, 0
	return eachText(env, args, rows, func() error { read++; return column.appendNull() }, func(text string) error {
		j = jsontext.Walker{Text: text}
		isNullText := j.PeekByte() == 'n' // as in Trino, text after null is not checked
		err := column.appendJSON(&j)
		if err == nil && !isNullText && !j.AtEnd() {
			err = jsontext.ErrMalformed
		}
		if err != nil {
			if err = unreadJSON(err, text, to); !isNull(err) {
				return err
			}
			column.cut(read)
			err = column.appendNull()
		}
		read++
		return err
	})
}

// eachText calls text for each row's text, or null for NULL, until a call fails. It regularly checks whether the
// statement has ended.
func eachText(env *Env, args []batch.Vector, rows int, null func() error, text func(string) error) error {
	texts, valid := textColumnOf(args[0]), validOf(args, rows)
	every, meter := rowsBetweenLooks(args), meterOf(env)
	for i := range rows {
		if i%every == 0 {
			if err := meter.Stopped(); err != nil {
				return err
			}
		}
		var err error
		if arrowdata.IsValid(valid, i) {
			err = text(texts.at(i))
		} else {
			err = null()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func readsJSON(t *types.Type) bool {
	switch t.Kind {
	case types.Boolean, types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Real, types.Double,
		types.Decimal, types.Varchar, types.JSON:
		return true
	case types.Array:
		return readsJSON(t.Elem)
	case types.Map:
		_, fromText := castKernel(types.VarcharType, t.Key, false)
		return fromText && readsJSON(t.Elem)
	case types.Row:
		return !slices.ContainsFunc(t.Fields, func(f types.Field) bool { return !readsJSON(f.Type) })
	}
	return false
}

// refuseKeys fails if a type contains maps whose keys JSON objects cannot have. As in Trino, the cast fails when it
// runs, even for NULL.
func refuseKeys(t *types.Type) error {
	inner := []*types.Type{t.Elem}
	switch {
	case t.Kind == types.Map && !isObjectKey(t.Key):
		return castError("Cannot cast JSON to %s", t)
	case t.Kind == types.Row:
		inner = nil
		for _, f := range t.Fields {
			inner = append(inner, f.Type)
		}
	case !isNested(t):
		return nil
	}
	for _, t := range inner {
		if err := refuseKeys(t); err != nil {
			return err
		}
	}
	return nil
}

// unreadJSON returns the error of a text that could not be read as type t; err is the reader's.
func unreadJSON(err error, text string, t *types.Type) error {
	switch {
	case err != jsontext.ErrMalformed && EndsStatement(err):
		return err
	case isNested(t) && err == jsontext.ErrMalformed:
		return castError("Cannot cast to %s.\n%s", t, types.Shortened(text))
	case isNested(t):
		return castError("Cannot cast to %s. %s\n%s", t, messageOf(err), types.Shortened(text))
	case text != "" && (text[0] == '{' || text[0] == '['):
		return castError("Cannot cast '%s' to %s", types.Shortened(text), t)
	}
	return castError("%s", messageOf(err))
}

func messageOf(err error) string {
	if user, ok := err.(*types.Error); ok {
		return user.Message
	}
	return err.Error()
}

// numberPastDouble reads Infinity, the json type's form of a number beyond the doubles. It is not valid JSON.
func numberPastDouble(j *jsontext.Walker) string {
	for _, word := range []string{"Infinity", "-Infinity"} {
		if j.TakeText(word) {
			return word
		}
	}
	return ""
}

// jsonScalar is a JSON string, number or boolean that becomes an SQL value. An object's key is a string.
type jsonScalar struct {
	text       string
	isNumber   bool
	isFraction bool
}

// readJSONScalar reads a value that becomes one of type t. It fails for an array or an object.
func readJSONScalar(j *jsontext.Walker, t *types.Type) (s jsonScalar, err error) {
	first := j.PeekByte()
	if first == '{' || first == '[' {
		return s, castError("Unexpected token when cast to %s: %c", t, first)
	}
	if first == 'I' || first == '-' {
		s.text = numberPastDouble(j)
	}
	isPastDouble := s.text != ""
	if !isPastDouble {
		s.text, err = j.ReadScalar()
	}
	s.isNumber = first == '-' || first == 'I' || first >= '0' && first <= '9'
	if first != '"' && !s.isNumber && t.Kind != types.Varchar && t.Kind != types.Boolean {
		s.text, s.isNumber = "0", true
		if first == 't' {
			s.text = "1"
		}
	}
	s.isFraction = isPastDouble || s.isNumber && jsontext.HasFraction(s.text)
	return s, err
}

// varchar returns the scalar as a text of at most length characters.
func (s jsonScalar) varchar(length int) string {
	text := s.text
	if s.isFraction {
		f, _ := strconv.ParseFloat(text, 64)
		text = string(appendScientific(nil, f, 64))
	}
	return truncate(jsontext.WithoutSurrogates(text), length)
}

func (s jsonScalar) boolean() (bool, error) {
	if !s.isNumber {
		return booleanReader.value(s.text)
	}
	if _, err := strconv.ParseInt(s.text, 10, 64); !s.isFraction && err != nil {
		return false, castError("Cannot cast '%s' to %s", s.text, types.BooleanType)
	}
	f, _ := strconv.ParseFloat(s.text, 64)
	return f != 0, nil
}

var bigintReader = integerReader[int64]("BIGINT", 64)

// integer returns the scalar as an integer of type t; limit is the greatest.
func (s jsonScalar) integer(t *types.Type, limit int64) (n int64, err error) {
	if s.isFraction {
		f, _ := strconv.ParseFloat(s.text, 64)
		n, err = roundTo[float64, int64]("bigint", math.MinInt64, math.MaxInt64)(f)
	} else {
		n, err = bigintReader.value(s.text)
	}
	if err == nil && (n > limit || n < -limit-1) {
		err = castError("Out of range for %s: %s", t, s.text)
	}
	return n, err
}

// varcharFromJSON returns the scalar of a JSON text, or errNull for null.
func varcharFromJSON(text string) (string, error) {
	j := jsontext.Walker{Text: text}
	if j.PeekByte() == 'n' {
		if _, err := j.ReadWord(); err != nil {
			return "", unreadJSON(err, text, types.VarcharType)
		}
		return "", errNull
	}
	s, err := readJSONScalar(&j, types.VarcharType)
	if err != nil {
		return "", unreadJSON(err, text, types.VarcharType)
	}
	return s.varchar(types.Unbounded), nil
}

func expect(j *jsontext.Walker, what, first string) error {
	if strings.IndexByte(first, j.PeekByte()) < 0 {
		return castError("Expected a json %s, but got %s", what, types.Shortened(j.Rest()))
	}
	return nil
}
