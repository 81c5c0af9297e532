package model

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Kind is a kind of violation.
type Kind int

// The kinds.
const (
	Malformed  Kind = iota + 1 // not JSON, or of another type
	Constraint                 // a member is missing or has a forbidden value
)

// Violation is the error of a request that does not have its operation's shape.
type Violation struct {
	Kind    Kind
	Member  string // of the input; "": the whole input
	Message string
}

func (v *Violation) Error() string { return v.Message }

// maxTimestamp is the end of the year 9999, in seconds since 1970.
const maxTimestamp = 253402300799

// CheckRequest checks the body and the query of a request. It returns only the operation's members: what is not
// checked is dropped. Members that are null count as absent. The error is a *Violation.
func (o *Operation) CheckRequest(body []byte, query url.Values) (map[string]any, error) {
	object, err := decodeObject(body)
	if err != nil {
		return nil, err
	}
	for _, m := range o.Input {
		if !m.InQuery {
			continue
		}
		delete(object, m.Name)
		if query.Has(m.Name) {
			object[m.Name] = query.Get(m.Name)
		}
	}
	return o.check(object, o.Input)
}

// CheckAnswer checks the JSON text of an answer in the same way.
func (o *Operation) CheckAnswer(body []byte) (map[string]any, error) {
	object, err := decodeObject(body)
	if err != nil {
		return nil, err
	}
	return o.check(object, o.Output)
}

func (o *Operation) check(object map[string]any, members []*Shape) (map[string]any, error) {
	checked := map[string]any{}
	for _, m := range members {
		value, present := object[m.Name]
		if !present || value == nil {
			if m.IsRequired {
				return nil, &Violation{Kind: Constraint, Member: m.Name, Message: "Missing required parameter: " + m.Name}
			}
			continue
		}
		c := checker{service: o.service}
		var err error
		if checked[m.Name], err = c.value(m, m.Name, value); err != nil {
			c.violation.Member = m.Name
			return nil, c.violation
		}
	}
	return checked, nil
}

func decodeObject(text []byte) (map[string]any, error) {
	value, err := decode(text)
	if err != nil {
		return nil, &Violation{Kind: Malformed, Message: "The input is not one JSON object: " + err.Error()}
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, &Violation{Kind: Malformed, Message: "The input is not a JSON object."}
	}
	return object, nil
}

// decode reads one JSON value, with numbers as written.
func decode(text []byte) (value any, err error) {
	if !utf8.Valid(text) {
		return nil, errors.New("it is not UTF-8")
	}
	in := json.NewDecoder(bytes.NewReader(text))
	in.UseNumber()
	if err := in.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := in.Token(); err != io.EOF {
		return nil, errors.New("something follows it")
	}
	return value, nil
}

// checker checks the values of one member.
type checker struct {
	service   *Service
	violation *Violation
}

func (c *checker) refuse(kind Kind, format string, a ...any) error {
	c.violation = &Violation{Kind: kind, Message: fmt.Sprintf(format, a...)}
	return c.violation
}

// value checks one value at a path, and returns it without what is not in its shape.
func (c *checker) value(s *Shape, at string, value any) (any, error) {
	switch s.Type {
	case "string":
		text, ok := value.(string)
		if !ok {
			return nil, c.refuse(Malformed, "%s must be a string.", at)
		}
		return text, c.text(s, at, text)
	case "blob":
		text, ok := value.(string)
		bytes, err := base64.StdEncoding.DecodeString(text)
		if !ok || err != nil {
			return nil, c.refuse(Malformed, "%s must be a string of base64.", at)
		}
		return text, c.within(s, at, "length", float64(len(bytes)))
	case "boolean":
		if _, ok := value.(bool); !ok {
			return nil, c.refuse(Malformed, "%s must be true or false.", at)
		}
		return value, nil
	case "integer", "long", "double", "float", "timestamp":
		number, ok := value.(json.Number)
		if !ok {
			return nil, c.refuse(Malformed, "%s must be a number.", at)
		}
		return number, c.number(s, at, number)
	case "list":
		return c.list(s, at, value)
	case "map":
		return c.mapped(s, at, value)
	}
	return c.structure(s, at, value)
}

func (c *checker) text(s *Shape, at, text string) error {
	if err := c.within(s, at, "length", float64(utf8.RuneCountInString(text))); err != nil {
		return err
	}
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, text) {
		return c.refuse(Constraint, "%s must be one of %s.", at, strings.Join(s.Enum, ", "))
	}
	if s.pattern != nil && !s.pattern.MatchString(text) {
		return c.refuse(Constraint, "%s must match the pattern %s.", at, s.Pattern)
	}
	return nil
}

func (c *checker) number(s *Shape, at string, number json.Number) error {
	value, err := number.Float64()
	if err != nil {
		return c.refuse(Malformed, "%s is out of range.", at)
	}
	bits := map[string]int{"integer": 32, "long": 64}[s.Type]
	if bits > 0 {
		if _, err := strconv.ParseInt(number.String(), 10, bits); err != nil {
			return c.refuse(Malformed, "%s must be a whole number of %d bits.", at, bits)
		}
	}
	if s.Type == "timestamp" && math.Abs(value) > maxTimestamp {
		return c.refuse(Malformed, "%s is not a time, in seconds since 1970, before the year 10000.", at)
	}
	return c.within(s, at, "value", value)
}

func (c *checker) within(s *Shape, at, what string, value float64) error {
	if s.Min != nil && value < *s.Min {
		return c.refuse(Constraint, "%s must have a %s of %v or more.", at, what, *s.Min)
	}
	if s.Max != nil && value > *s.Max {
		return c.refuse(Constraint, "%s must have a %s of %v or less.", at, what, *s.Max)
	}
	return nil
}

func (c *checker) list(s *Shape, at string, value any) (any, error) {
	list, ok := value.([]any)
	if !ok {
		return nil, c.refuse(Malformed, "%s must be a list.", at)
	}
	if err := c.within(s, at, "length", float64(len(list))); err != nil {
		return nil, err
	}
	out := make([]any, len(list))
	for i, element := range list {
		var err error
		if out[i], err = c.value(s.Item, fmt.Sprintf("%s[%d]", at, i), element); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *checker) mapped(s *Shape, at string, value any) (any, error) {
	object, ok := value.(map[string]any)
	if !ok {
		return nil, c.refuse(Malformed, "%s must be an object.", at)
	}
	if err := c.within(s, at, "length", float64(len(object))); err != nil {
		return nil, err
	}
	out := map[string]any{}
	for key, element := range object {
		if _, err := c.value(s.Key, at+" key", key); err != nil {
			return nil, err
		}
		if element == nil { // a null in a map is a value
			out[key] = nil
			continue
		}
		var err error
		if out[key], err = c.value(s.Value, at+"."+key, element); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *checker) structure(s *Shape, at string, value any) (any, error) {
	object, ok := value.(map[string]any)
	if !ok {
		return nil, c.refuse(Malformed, "%s must be an object.", at)
	}
	out := map[string]any{}
	for _, m := range c.service.Structures[s.Structure] {
		element, present := object[m.Name]
		if !present || element == nil {
			if m.IsRequired {
				return nil, c.refuse(Constraint, "Missing required parameter: %s.%s", at, m.Name)
			}
			continue
		}
		var err error
		if out[m.Name], err = c.value(m, at+"."+m.Name, element); err != nil {
			return nil, err
		}
	}
	return out, nil
}
