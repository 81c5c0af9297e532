package types_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/types"
)

func mustType(t *testing.T, text string) *types.Type {
	t.Helper()
	parsed, err := types.ParseType(text)
	require.NoError(t, err)
	return parsed
}

func TestParseTypePrintsBack(t *testing.T) {
	tests := []struct{ name, text, want, display string }{
		{"spelling of int", "INT", "integer", "integer"},
		{"double precision", "double precision", "double", "double"},
		{"bare decimal", "decimal", "decimal(38,0)", "decimal(38, 0)"},
		{"decimal", "decimal(10, 2)", "decimal(10,2)", "decimal(10, 2)"},
		{"bare char", "char", "char(1)", "char(1)"},
		{"bare timestamp", "timestamp", "timestamp(3)", "timestamp(3)"},
		{"zone", "timestamp(6) with time zone", "timestamp(6) with time zone", "timestamp(6) with time zone"},
		{"no zone", "time(0) without time zone", "time(0)", "time(0)"},
		{"interval", "interval day to second", "interval day to second", "INTERVAL DAY TO SECOND"},
		{"nested", "map(varchar, array(row(a bigint, \"b c\" json)))", "map(varchar, array(row(a bigint, \"b c\" json)))", "map(varchar, array(row(a bigint, \"b c\" json)))"},
		{"anonymous fields", "row(timestamp with time zone, double precision, varchar(3))", "row(timestamp(3) with time zone, double, varchar(3))", "row(timestamp(3) with time zone, double, varchar(3))"},
		{"field called like a type", "row(double double, date date, time time(3))", "row(double double, date date, time time(3))", "row(double double, date date, time time(3))"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			parsed := mustType(t, tt.text)
			require.Equal(t, tt.want, parsed.String())
			require.Equal(t, tt.display, parsed.Display())
		})
	}
}

func TestParseTypeRefuses(t *testing.T) {
	tests := []struct{ text, want string }{
		{"text", types.TypeNotFound}, {"string", types.TypeNotFound}, {"numeric", types.TypeNotFound},
		{"", types.TypeNotFound}, {"array", types.TypeNotFound}, {"array(int", types.TypeNotFound},
		{"varchar(", types.TypeNotFound}, {"row(", types.TypeNotFound}, {"int int", types.TypeNotFound},
		{"decimal(40, 1)", types.InvalidFunctionArgument}, {"decimal(2, 3)", types.InvalidFunctionArgument},
		{"timestamp(13)", types.TypeNotFound}, {"time(13) with time zone", types.TypeNotFound},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			_, err := types.ParseType(tt.text)
			require.Equal(t, tt.want, types.ErrorName(err))
		})
	}
}

func TestCommonSuperType(t *testing.T) {
	tests := []struct{ a, b, want string }{
		{"tinyint", "bigint", "bigint"}, {"integer", "decimal(3,1)", "decimal(11,1)"}, {"bigint", "real", "real"},
		{"decimal(10,2)", "double", "double"}, {"decimal(38,0)", "decimal(10,10)", "decimal(38,10)"},
		{"varchar(3)", "varchar(5)", "varchar(5)"}, {"varchar(3)", "varchar", "varchar"}, {"char(3)", "varchar(5)", "char(5)"},
		{"date", "timestamp(6)", "timestamp(6)"}, {"timestamp(6)", "timestamp(3) with time zone", "timestamp(6) with time zone"},
		{"time(0)", "time(3) with time zone", "time(3) with time zone"}, {"unknown", "json", "json"},
		{"array(integer)", "array(double)", "array(double)"}, {"map(varchar(1), unknown)", "map(varchar(2), date)", "map(varchar(2), date)"},
		{"row(a integer, b date)", "row(A bigint, c date)", "row(a bigint, date)"},
		{"varchar", "integer", ""}, {"varchar", "date", ""}, {"time(3)", "timestamp(3)", ""}, {"json", "varchar", ""}, {"boolean", "integer", ""},
	}
	for _, tt := range tests {
		t.Run(tt.a+" "+tt.b, func(t *testing.T) {
			for _, pair := range [][2]string{{tt.a, tt.b}, {tt.b, tt.a}} {
				got, ok := types.CommonSuperType(mustType(t, pair[0]), mustType(t, pair[1]))
				require.Equal(t, tt.want != "", ok)
				if ok && pair[0] == tt.a {
					require.Equal(t, tt.want, got.String())
				}
			}
		})
	}
}

func TestCanCoerce(t *testing.T) {
	tests := []struct {
		from, to string
		want     bool
	}{
		{"integer", "bigint", true}, {"bigint", "integer", false}, {"integer", "decimal(9,0)", false}, {"integer", "decimal(10,0)", true},
		{"varchar(3)", "varchar(2)", false}, {"varchar(3)", "char(3)", true}, {"char(3)", "varchar(3)", false},
		{"timestamp(3)", "timestamp(0)", false}, {"date", "timestamp(0)", true}, {"unknown", "array(integer)", true},
		{"row(a integer)", "row(b bigint)", true}, {"array(bigint)", "array(integer)", false},
	}
	for _, tt := range tests {
		t.Run(tt.from+" to "+tt.to, func(t *testing.T) {
			require.Equal(t, tt.want, types.CanCoerce(mustType(t, tt.from), mustType(t, tt.to)))
		})
	}
}

var overloads = map[string][]*types.Signature{
	"abs":    signatures("abs(bigint) -> bigint", "abs(integer) -> integer", "abs(double) -> double", "abs(decimal(p,s)) -> decimal(p,s)"),
	"lower":  signatures("lower(varchar(x)) -> varchar(x)", "lower(char(x)) -> char(x)"),
	"strpos": signatures("strpos(varchar, varchar) -> bigint"),
	"date_trunc": signatures("date_trunc(varchar, date) -> date", "date_trunc(varchar, timestamp(p)) -> timestamp(p)",
		"date_trunc(varchar, timestamp(p) with time zone) -> timestamp(p) with time zone", "date_trunc(varchar, time(p)) -> time(p)"),
	"date_diff": signatures("date_diff(varchar, date, date) -> bigint", "date_diff(varchar, timestamp(p), timestamp(p)) -> bigint",
		"date_diff(varchar, timestamp(p) with time zone, timestamp(p) with time zone) -> bigint"),
	"from_unixtime": signatures("from_unixtime(double) -> timestamp(3) with time zone"),
	"contains":      signatures("contains(array(T), T) -> boolean where T comparable"),
	"max":           signatures("max(T) -> T where T orderable", "max(T, bigint) -> array(T) where T orderable"),
	"concat": signatures("concat(varchar...) -> varchar", "concat(array(E)...) -> array(E)",
		"concat(array(E), E) -> array(E)", "concat(E, array(E)) -> array(E)"),
	"filter":     signatures("filter(array(T), function(T, boolean)) -> array(T)"),
	"transform":  signatures("transform(array(T), function(T, U)) -> array(U)"),
	"reduce":     signatures("reduce(array(T), S, function(S, T, S), function(S, R)) -> R"),
	"reverse":    signatures("reverse(varchar(x)) -> varchar(x)", "reverse(array(E)) -> array(E)", "reverse(varbinary) -> varbinary"),
	"element_at": signatures("element_at(array(E), bigint) -> E", "element_at(map(K, V), K) -> V"),
	"mod":        signatures("mod(bigint, bigint) -> bigint", "mod(integer, integer) -> integer", "mod(tinyint, tinyint) -> tinyint"),
}

func signatures(texts ...string) []*types.Signature {
	list := make([]*types.Signature, len(texts))
	for i, text := range texts {
		list[i] = types.MustSignature(text)
	}
	return list
}

func TestResolve(t *testing.T) {
	tests := []struct{ name, function, args, want string }{
		{"exact", "abs", "integer", "(integer) integer"},
		{"nearest coercion", "abs", "smallint", "(integer) integer"},
		{"parameters of the argument", "abs", "decimal(5,2)", "(decimal(5,2)) decimal(5,2)"},
		{"length", "lower", "varchar(4)", "(varchar(4)) varchar(4)"},
		{"open varchar takes any", "strpos", "varchar(4); varchar", "(varchar(4), varchar) bigint"},
		{"precision", "date_trunc", "varchar(3); timestamp(6)", "(varchar(3), timestamp(6)) timestamp(6)"},
		{"equal names widen", "date_diff", "varchar(3); timestamp(3); timestamp(6)", "(varchar(3), timestamp(6), timestamp(6)) bigint"},
		{"date beside zone", "date_diff", "varchar(3); date; timestamp(3) with time zone", "(varchar(3), timestamp(3) with time zone, timestamp(3) with time zone) bigint"},
		{"integer to double", "from_unixtime", "integer", "(double) timestamp(3) with time zone"},
		{"variable widens", "contains", "array(integer); bigint", "(array(bigint), bigint) boolean"},
		{"null array", "contains", "unknown; bigint", "(array(bigint), bigint) boolean"},
		{"variadic", "concat", "varchar(1); varchar(2); varchar", "(varchar(1), varchar(2), varchar) varchar"},
		{"array and element", "concat", "array(bigint); integer", "(array(bigint), bigint) array(bigint)"},
		{"filter", "filter", "array(integer); x1 boolean", "(array(integer), function(integer, boolean)) array(integer)"},
		{"transform", "transform", "array(integer); x1 varchar(2)", "(array(integer), function(integer, varchar(2))) array(varchar(2))"},
		{"state widens", "reduce", "array(bigint); integer; x2 bigint; x1 varchar(1)", "(array(bigint), bigint, function(bigint, bigint, bigint), function(bigint, varchar(1))) varchar(1)"},
		{"map key", "element_at", "map(varchar, bigint); varchar(3)", "(map(varchar, bigint), varchar) bigint"},
		{"unknown with one integer", "mod", "unknown; tinyint", "(tinyint, tinyint) tinyint"},

		{"no fit", "strpos", "varchar; integer", types.FunctionNotFound},
		{"too many", "lower", "varchar; varchar", types.FunctionNotFound},
		{"unknown function", "nope", "", types.FunctionNotFound},
		{"lambda result", "filter", "array(integer); x1 integer", types.FunctionNotFound},
		{"lambda arity", "filter", "array(integer); x2 boolean", types.InvalidParameterUsage},
		{"lambda for a value", "strpos", "varchar; x1 varchar", types.FunctionNotFound},
		{"not orderable", "max", "map(varchar, bigint)", types.FunctionNotFound},
		{"null alone", "reverse", "unknown", types.AmbiguousFunctionCall},
		{"null date", "date_trunc", "varchar(5); unknown", types.AmbiguousFunctionCall},
		{"array or element null", "concat", "array(integer); unknown", types.AmbiguousFunctionCall},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := types.Resolve(tt.function, overloads[tt.function], argsOf(t, tt.args))
			if err != nil {
				require.Equal(t, tt.want, types.ErrorName(err), err)
				return
			}
			text := "("
			for i, a := range got.Args {
				if i > 0 {
					text += ", "
				}
				text += a.String()
			}
			require.Equal(t, tt.want, text+") "+got.Return.String())
		})
	}
}
