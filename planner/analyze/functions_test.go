package analyze_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
)

// library is a function library of signatures without kernels: those listed in
// Trino's function reference, and the operators.
type library struct {
	byName map[string][]*types.Signature
	window map[string]bool
}

var operatorTexts = []string{
	"$eq(T, T) -> boolean where T comparable", "$ne(T, T) -> boolean where T comparable",
	"$is_distinct(T, T) -> boolean where T comparable",
	"$lt(T, T) -> boolean where T orderable", "$le(T, T) -> boolean where T orderable",
	"$gt(T, T) -> boolean where T orderable", "$ge(T, T) -> boolean where T orderable",
	"$subscript(array(E), bigint) -> E", "$subscript(map(K, V), K) -> V",
	"$like(varchar, varchar) -> boolean", "$like(char, varchar) -> boolean", "$like(varchar, varchar, varchar) -> boolean",
	"$add(date, interval day to second) -> date", "$add(date, interval year to month) -> date",
	"$add(interval day to second, date) -> date", "$add(interval year to month, date) -> date",
	"$add(timestamp(p), interval day to second) -> timestamp(p)", "$add(timestamp(p), interval year to month) -> timestamp(p)",
	"$add(timestamp(p) with time zone, interval day to second) -> timestamp(p) with time zone",
	"$add(timestamp(p) with time zone, interval year to month) -> timestamp(p) with time zone",
	"$add(interval day to second, interval day to second) -> interval day to second",
	"$add(interval year to month, interval year to month) -> interval year to month",
	"$add(interval day to second, timestamp(p)) -> timestamp(p)", "$add(interval day to second, timestamp(p) with time zone) -> timestamp(p) with time zone",
	"$subtract(date, interval day to second) -> date", "$subtract(date, interval year to month) -> date",
	"$subtract(timestamp(p), interval day to second) -> timestamp(p)", "$subtract(timestamp(p), interval year to month) -> timestamp(p)",
	"$subtract(timestamp(p) with time zone, interval day to second) -> timestamp(p) with time zone",
	"$subtract(timestamp(p) with time zone, interval year to month) -> timestamp(p) with time zone",
	"$subtract(date, date) -> interval day to second", "$subtract(timestamp(p), timestamp(p)) -> interval day to second",
	"$subtract(timestamp(p) with time zone, timestamp(p) with time zone) -> interval day to second",
	"$subtract(interval day to second, interval day to second) -> interval day to second",
	"$multiply(interval day to second, bigint) -> interval day to second", "$multiply(bigint, interval day to second) -> interval day to second",
	"$multiply(interval day to second, double) -> interval day to second", "$multiply(double, interval day to second) -> interval day to second",
	"$divide(interval day to second, double) -> interval day to second",
	"$negate(interval day to second) -> interval day to second", "$negate(decimal(p,s)) -> decimal(p,s)",
	"concat(varchar...) -> varchar", "concat(varbinary...) -> varbinary", "concat(array(E)...) -> array(E)",
	"concat(array(E), E) -> array(E)", "concat(E, array(E)) -> array(E)", "concat_ws(varchar, varchar...) -> varchar",
	"concat_ws(varchar, array(varchar)) -> varchar", "greatest(T...) -> T where T orderable", "least(T...) -> T where T orderable",
	"format(varchar, T1, T2, T3) -> varchar", "format(varchar, T1, T2) -> varchar", "format(varchar, T1) -> varchar",
	"map() -> map(K, V)", "map(array(K), array(V)) -> map(K, V)",
}

func newLibrary(t *testing.T) *library {
	lib := &library{byName: map[string][]*types.Signature{}, window: map[string]bool{}}
	for _, text := range operatorTexts {
		lib.add(types.MustSignature(text))
	}
	lib.addArithmetic()
	operators := map[string]bool{"concat": true, "concat_ws": true, "greatest": true, "least": true, "format": true, "map": true}
	text, err := os.ReadFile(filepath.Join(shared(t), "data/trino/FUNCTIONS.md"))
	require.NoError(t, err)
	kind := types.AggregateKind
	section := ""
	line := regexp.MustCompile("^- `([a-z0-9_]+)`: (.*)$")
	for _, l := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(l, "## ") {
			section = l
		}
		m := line.FindStringSubmatch(l)
		if m == nil || operators[m[1]] || strings.Contains(section, "C ·") {
			continue
		}
		for _, s := range strings.Split(m[2], "; ") {
			sig, ok := listedSignature(m[1], strings.Trim(s, "` "))
			if !ok {
				continue
			}
			switch {
			case strings.Contains(section, "ggregate") || m[1] == "listagg":
				kind(sig)
			case strings.Contains(section, "Window"):
				types.WindowKind(sig)
			}
			lib.add(sig)
		}
	}
	return lib
}

func (lib *library) add(s *types.Signature) { lib.byName[s.Name] = append(lib.byName[s.Name], s) }

func (lib *library) addArithmetic() {
	for _, op := range []string{"$add", "$subtract", "$multiply", "$divide", "$modulus"} {
		for _, t := range []string{"tinyint", "smallint", "integer", "bigint", "real", "double"} {
			lib.add(types.MustSignature(op + "(" + t + ", " + t + ") -> " + t))
		}
		lib.add(types.MustSignature(op+"(decimal, decimal) -> decimal", types.ReturnOf(decimalResult(op))))
	}
	for _, t := range []string{"tinyint", "smallint", "integer", "bigint", "real", "double"} {
		lib.add(types.MustSignature("$negate(" + t + ") -> " + t))
	}
}

func decimalResult(op string) func([]*types.Type) (*types.Type, error) {
	return func(args []*types.Type) (*types.Type, error) {
		p1, s1, p2, s2 := args[0].Precision, args[0].Scale, args[1].Precision, args[1].Scale
		scale := max(s1, s2)
		precision := max(p1-s1, p2-s2) + scale + 1
		switch op {
		case "$multiply":
			scale, precision = s1+s2, p1+p2
		case "$divide":
			precision = p1 + s2 + max(0, s2-s1)
		case "$modulus":
			precision = min(p1-s1, p2-s2) + scale
		}
		return types.DecimalOf(min(38, precision), scale), nil
	}
}

// listedSignature reads a line of the function reference.
func listedSignature(name, text string) (*types.Signature, bool) {
	for _, special := range []string{"joniregexp", "codepoints", "jsonpath"} {
		text = strings.ReplaceAll(text, special, "varchar")
	}
	text = strings.Replace(text, "→", "->", 1)
	// Lower-case type variables stand where a type would.
	text = regexp.MustCompile(`([(, ])([a-zK-V])([,)]|$)`).ReplaceAllStringFunc(text, func(m string) string { return m })
	text = upperVariables(text)
	var sig *types.Signature
	func() {
		defer func() { _ = recover() }()
		sig = types.MustSignature(name + text)
	}()
	if sig == nil {
		return nil, false
	}
	for i := range sig.TypeVars {
		switch name {
		case "max", "min", "array_max", "array_min", "array_sort":
			sig.TypeVars[i].Orderable = true
		}
	}
	if hasOpenResult(sig) {
		sig.ReturnOf = func(args []*types.Type) (*types.Type, error) { return args[0], nil }
		if strings.HasPrefix(name, "sum") || name == "avg" {
			sig.ReturnOf = func(args []*types.Type) (*types.Type, error) {
				if name == "avg" {
					return args[0], nil
				}
				return types.DecimalOf(38, args[0].Scale), nil
			}
		}
	}
	return sig, true
}

func hasOpenResult(s *types.Signature) bool {
	return s.Return.Kind == types.Decimal && (s.Name == "sum" || s.Name == "avg")
}

var word = regexp.MustCompile(`[A-Za-z_][A-Za-z_0-9]*\(?`)

// upperVariables makes single letters type variables, except as parameters of
// varchar, char, decimal and times.
func upperVariables(text string) string {
	var out strings.Builder
	var open []string
	for i := 0; i < len(text); {
		if m := word.FindString(text[i:]); m != "" && strings.HasPrefix(text[i:], m) {
			name := strings.TrimSuffix(m, "(")
			inside := ""
			if len(open) > 0 {
				inside = open[len(open)-1]
			}
			switch inside {
			case "varchar", "char", "decimal", "time", "timestamp":
			default:
				if len(name) == 1 {
					name = strings.ToUpper(name)
				}
			}
			out.WriteString(name)
			i += len(m)
			if strings.HasSuffix(m, "(") {
				out.WriteByte('(')
				open = append(open, name)
			}
			continue
		}
		switch text[i] {
		case '(':
			open = append(open, "")
		case ')':
			open = open[:len(open)-1]
		}
		out.WriteByte(text[i])
		i++
	}
	return out.String()
}

func (lib *library) Resolve(name string, args []types.Arg) (*types.Resolved, error) {
	return types.Resolve(name, lib.byName[name], args)
}

func (lib *library) ResolveCast(from, to *types.Type, try bool) (*types.Resolved, bool) {
	if !castable(from, to) {
		return nil, false
	}
	return &types.Resolved{Signature: &types.Signature{Name: types.OpCast}, Args: []*types.Type{from}, Return: to}, true
}

func castable(from, to *types.Type) bool {
	if from.Equal(to) || types.CanCoerce(from, to) {
		return true
	}
	scalar := func(t *types.Type) bool { return t.IsNumeric() || t.Kind == types.Boolean }
	switch {
	case scalar(from) && (scalar(to) || to.Kind == types.Varchar || to.Kind == types.JSON):
		return true
	case from.Kind == types.Varchar:
		switch to.Kind {
		case types.Array, types.Map, types.Row, types.IntervalDay, types.IntervalYear:
			return false
		}
		return true
	case from.IsText() && to.IsText():
		return true
	case from.Kind == types.JSON:
		return scalar(to) || to.Kind == types.Varchar || to.Kind == types.Array || to.Kind == types.Map || to.Kind == types.Row
	case from.Kind >= types.Date && from.Kind <= types.TimestampTZ:
		return to.Kind >= types.Date && to.Kind <= types.TimestampTZ || to.Kind == types.Varchar || to.Kind == types.JSON
	case from.Kind == types.Array || from.Kind == types.Map || from.Kind == types.Row:
		return to.Kind == types.JSON || from.Kind == to.Kind
	case from.Kind == types.IntervalDay || from.Kind == types.IntervalYear || from.Kind == types.Varbinary || from.Kind == types.UUID || from.Kind == types.IPAddress:
		return to.Kind == types.Varchar || to.Kind == types.Varbinary || to.Kind == types.UUID || to.Kind == types.IPAddress
	}
	return false
}

// Fold converts the constants of typed literals, and lower().
func (lib *library) Fold(fn *types.Resolved, args []types.Value, _ *metadata.Session) (types.Value, error) {
	text, ok := args[0].V.(string)
	if !ok {
		return types.Value{}, errors.New("not folded")
	}
	switch {
	case fn.Name == "lower":
		return types.Value{Type: fn.Return, V: strings.ToLower(text)}, nil
	case fn.Name == "json_parse":
		return types.Value{Type: fn.Return, V: text}, nil
	case fn.Name == types.OpLike:
		return types.Value{Type: fn.Return, V: strings.HasPrefix(text, strings.TrimSuffix(args[1].V.(string), "%"))}, nil
	case fn.Return.IsInteger():
		n, err := strconv.ParseInt(text, 10, 64)
		return types.Value{Type: fn.Return, V: n}, err
	case fn.Return.Kind == types.Double:
		f, err := strconv.ParseFloat(text, 64)
		return types.Value{Type: fn.Return, V: f}, err
	}
	return types.Value{}, errors.New("not folded")
}

func (lib *library) hasKind(name string, kind types.FunctionKind) bool {
	for _, s := range lib.byName[name] {
		if s.Kind == kind {
			return true
		}
	}
	return false
}

func (lib *library) IsAggregate(name string) bool { return lib.hasKind(name, types.Aggregate) }
func (lib *library) IsWindow(name string) bool    { return lib.hasKind(name, types.Window) }
func (lib *library) Exists(name string) bool      { return len(lib.byName[name]) > 0 }

func (lib *library) List() []*types.Signature {
	var list []*types.Signature
	for _, signatures := range lib.byName {
		list = append(list, signatures...)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	return list
}

// shared is the folder of reference material beside the repository.
func shared(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	require.NoError(t, err)
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	dir = filepath.Join(filepath.Dir(dir), "shared")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the reference material is not beside the repository")
	}
	return dir
}
