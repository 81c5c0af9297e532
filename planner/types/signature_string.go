package types

import "strings"

// String returns the signature in readable form: element_at(array(E), bigint) -> E.
func (s *Signature) String() string {
	args := make([]string, len(s.Args))
	for i, a := range s.Args {
		args[i] = a.String()
	}
	if s.Variadic {
		args[len(args)-1] += ", ..."
	}
	return s.Name + "(" + strings.Join(args, ", ") + ") -> " + s.Return.String()
}
