package tableimport

import (
	"errors"
	"fmt"

	"github.com/auditlake/auditlake/jsontext"
)

// jsonText is the source text of one JSON value, without white space around it; nil for none.
type jsonText []byte

// textError says why a text is not JSON, and where.
func textError(s *jsontext.Scanner) error {
	return fmt.Errorf("%s at byte %d", s.Problem, s.Pos+1)
}

// checkJSON fails unless text is one whole JSON value.
func checkJSON(text jsonText) error {
	var s jsontext.Scanner
	s.Reset(text)
	if _, ok := s.Value(); !ok {
		return textError(&s)
	}
	return checkEnd(&s)
}

// checkEnd fails unless nothing but white space is left.
func checkEnd(s *jsontext.Scanner) error {
	if s.Next(); s.Pos < len(s.Data) {
		s.Problem = jsontext.UnexpectedByte
		return textError(s)
	}
	return nil
}

// eachMember calls each for the members of an object, in their order. Text that is no JSON object fails, maybe
// after some calls.
func eachMember(text jsonText, each func(name string, value jsonText) error) error {
	return eachPart(text, '{', '}', each)
}

// eachItem calls each for the items of an array, in their order. Text that is no JSON array fails, maybe after
// some calls.
func eachItem(text jsonText, each func(item jsonText) error) error {
	return eachPart(text, '[', ']', func(_ string, item jsonText) error { return each(item) })
}

func eachPart(text jsonText, opening, closing byte, each func(name string, value jsonText) error) error {
	var s jsontext.Scanner
	s.Reset(text)
	if s.Next() != opening {
		if opening == '{' {
			return errors.New("not a JSON object")
		}
		return errors.New("not a JSON array")
	}
	s.Pos++
	more, ok := s.Next() != closing, true
	if !more {
		s.Pos++
	}
	for more {
		name := ""
		if opening == '{' {
			var key jsontext.Token
			if key, ok = s.Key(); !ok {
				return textError(&s)
			}
			name = stringOf(text[key.Start:key.End])
		}
		value, ok := s.Value()
		if !ok {
			return textError(&s)
		}
		if err := each(name, text[value.Start:value.End]); err != nil {
			return err
		}
		if more, ok = s.More(closing); !ok {
			return textError(&s)
		}
	}
	return checkEnd(&s)
}

// itemsOf lists the items of an array.
func itemsOf(text jsonText) (items []jsonText, err error) {
	err = eachItem(text, func(item jsonText) error {
		items = append(items, item)
		return nil
	})
	return items, err
}

// stringOf is what a checked string literal holds.
func stringOf(literal jsonText) string {
	return string(jsontext.AppendString(nil, literal[1:len(literal)-1]))
}
