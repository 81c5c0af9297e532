package types

import (
	"fmt"
	"slices"
	"strings"
)

// Option sets a property of a signature.
type Option func(*Signature)

// NullCalled marks a function that is called with NULL arguments.
func NullCalled(s *Signature) { s.NullCalled = true }

// NonDeterministic marks a function that may return different values for the same arguments.
func NonDeterministic(s *Signature) { s.NonDeterministic = true }

// Monotonic marks a function that preserves the order of its last argument.
func Monotonic(s *Signature) { s.Monotonic = true }

// AggregateKind marks an aggregate function.
func AggregateKind(s *Signature) { s.Kind = Aggregate }

// WindowKind marks a function that needs OVER.
func WindowKind(s *Signature) { s.Kind = Window }

// TakesChar lets the varchar argument at a position, from 1, be passed as char.
func TakesChar(place int) Option { return func(s *Signature) { s.CharArg = place } }

// Doc sets the one-line description.
func Doc(text string) Option { return func(s *Signature) { s.Doc = text } }

// ReturnOf computes the result type from the bound argument types.
func ReturnOf(f func(args []*Type) (*Type, error)) Option {
	return func(s *Signature) { s.ReturnOf = f }
}

// MustSignature parses a signature such as
//
//	filter(array(T), function(T, boolean)) -> array(T)
//	greatest(T, T...) -> T where T orderable
//	date_trunc(varchar, timestamp(p)) -> timestamp(p)
//
// A capital letter, optionally with a digit, is a type variable ("_" is AnyType). "where" lists the requirements:
// comparable, orderable or row. A small letter names a parameter that comes from the argument. A bare varchar,
// char, decimal, time or timestamp accepts any parameters, timestamp(3) only that one (others coerce). "..." after
// the last argument makes it variadic. MustSignature panics on any other text: signatures are part of the program.
func MustSignature(text string, opts ...Option) *Signature {
	s, err := parseSignature(text)
	if err != nil {
		panic(fmt.Sprintf("signature %q: %v", text, err))
	}
	for _, o := range opts {
		o(s)
	}
	return s
}

func parseSignature(text string) (*Signature, error) {
	head, where, _ := strings.Cut(text, " where ")
	p := &typeParser{text: head, pattern: true}
	s := &Signature{}
	if p.accept("$") {
		s.Name = "$"
	}
	s.Name += p.next()
	if !p.accept("(") {
		return nil, fmt.Errorf("want ( behind the name")
	}
	for !p.accept(")") {
		if len(s.Args) > 0 && !p.accept(",") {
			return nil, fmt.Errorf("want , or ) at byte %d", p.at)
		}
		t, err := p.parse(0)
		if err != nil {
			return nil, err
		}
		s.Args = append(s.Args, t)
		if s.Variadic = p.acceptDots(); s.Variadic && p.peek() != ")" {
			return nil, fmt.Errorf("want ) behind ... at byte %d", p.at)
		}
	}
	if !p.accept("-") || !p.accept(">") {
		return nil, fmt.Errorf("want -> behind the arguments")
	}
	var err error
	if s.Return, err = p.parse(0); err != nil {
		return nil, err
	}
	if p.peek() != "" {
		return nil, fmt.Errorf("text behind the result type")
	}
	s.TypeVars = collectVars(append(append([]*Type{}, s.Args...), s.Return))
	return s, constrain(s.TypeVars, where)
}

// acceptDots skips dots and reports whether there were any.
func (p *typeParser) acceptDots() bool {
	dots := 0
	for p.accept(".") {
		dots++
	}
	return dots > 0
}

func collectVars(list []*Type) []TypeVar {
	var vars []TypeVar
	for _, t := range list {
		walk(t, func(t *Type) {
			if t.Kind == Var && !slices.ContainsFunc(vars, func(v TypeVar) bool { return v.Name == t.Name }) {
				vars = append(vars, TypeVar{Name: t.Name})
			}
		})
	}
	return vars
}

// constrain applies "T orderable, K comparable".
func constrain(vars []TypeVar, where string) error {
	if strings.TrimSpace(where) == "" {
		return nil
	}
next:
	for _, item := range strings.Split(where, ",") {
		words := strings.Fields(item)
		if len(words) != 2 {
			return fmt.Errorf("want a type variable and what it is: %q", item)
		}
		for i := range vars {
			if vars[i].Name != words[0] {
				continue
			}
			switch words[1] {
			case "comparable":
				vars[i].Comparable = true
			case "orderable":
				vars[i].Comparable, vars[i].Orderable = true, true
			case "row":
				vars[i].RowOnly = true
			default:
				return fmt.Errorf("unknown requirement %q", words[1])
			}
			continue next
		}
		return fmt.Errorf("unknown type variable %q", words[0])
	}
	return nil
}

// openType returns the pattern of a type with open parameters, named by open or left out. It returns nil for types
// without parameters.
func openType(name, open string) *Type {
	switch name {
	case "varchar":
		return &Type{Kind: Varchar, Name: open, Length: AnyParam}
	case "char":
		return &Type{Kind: Char, Name: open, Length: AnyParam}
	case "decimal":
		return &Type{Kind: Decimal, Name: open, Precision: AnyParam}
	case "time":
		return &Type{Kind: Time, Name: open, Precision: AnyParam}
	case "time with time zone":
		return &Type{Kind: TimeTZ, Name: open, Precision: AnyParam}
	case "timestamp":
		return &Type{Kind: Timestamp, Name: open, Precision: AnyParam}
	case "timestamp with time zone":
		return &Type{Kind: TimestampTZ, Name: open, Precision: AnyParam}
	}
	return nil
}
