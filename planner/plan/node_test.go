package plan

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
)

// nodeFacts say of each type of node what its methods leave out, by the paths of
// fields.
var nodeFacts = []struct {
	node       Node
	made       string // columns that it makes, or that MapColumns leaves for another reason
	notCompare string // what may differ between nodes that do the same
	neverSame  bool
}{
	{node: &Aggregate{}, made: "GroupID Aggs.Column"},
	{node: &EnforceSingleRow{}},
	{node: &Explain{}, made: "Cols", neverSame: true},
	{node: &Filter{}},
	{node: &Join{}, made: "Mark", notCompare: "Feeds LeftFirst Unread"},
	{node: &Limit{}},
	{node: &NumberRows{}, made: "Number"},
	{node: &Output{}, neverSame: true},
	{node: &PatternRecognition{},
		made: "Conditions.Values.Column Measures.PatternExpr.Values.Column Measures.Column Classifier Number"},
	{node: &Project{}, made: "Items.Column"},
	{node: &Recursion{}, made: "Cols", neverSame: true},
	{node: &Reuse{}, neverSame: true},
	{node: &Scan{}, made: "Cols.Column Runtime.Column Runtime.Source", notCompare: "Domains Runtime"},
	{node: &Sequence{}, made: "Col", neverSame: true},
	{node: &SetOp{}, made: "Cols"},
	{node: &Sort{}},
	{node: &TopN{}},
	{node: &PartitionTopN{}, notCompare: "Unread"},
	{node: &Unnest{}, made: "Items.Out Ordinality", notCompare: "Unread"},
	{node: &Values{}, made: "Cols", neverSame: true},
	{node: &Window{}, made: "Calls.Column", notCompare: "Unread"},
	{node: &WorkingRows{}, made: "Cols", neverSame: true},
}

func nodeName(n Node) string { return reflect.TypeOf(n).Elem().Name() }

// TestNodeFacts finds each type of node in the source, so that none is missing.
func TestNodeFacts(t *testing.T) {
	var declared, known []string
	files, err := os.ReadDir(".")
	require.NoError(t, err)
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file.Name(), nil, 0)
		require.NoError(t, err)
		for _, d := range tree.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil && f.Name.Name == "MapInputs" {
				declared = append(declared, f.Recv.List[0].Type.(*ast.StarExpr).X.(*ast.Ident).Name)
			}
		}
	}
	for _, f := range nodeFacts {
		known = append(known, nodeName(f.node))
	}
	require.ElementsMatch(t, declared, known)
}

// TestNodesForgetNoField compares what the methods of each node reach with all
// that reflection finds in its fields.
func TestNodesForgetNoField(t *testing.T) {
	for _, f := range nodeFacts {
		t.Run(nodeName(f.node), func(t *testing.T) {
			n := filledNode(f.node)
			before := leavesOf(n)
			checkInputs(t, n)
			checkExprs(t, n)
			checkColumns(t, n, strings.Fields(f.made))
			require.Equal(t, before, leavesOf(n), "the node itself was changed")
			require.True(t, strings.HasPrefix(n.Describe(), nodeName(n)) || nodeName(n) == "SetOp", n.Describe())
		})
	}
}

func checkInputs(t *testing.T, n Node) {
	found := leavesAs[Node](n)
	require.Equal(t, found, Inputs(n))
	require.Same(t, n, n.MapInputs(func(input Node) Node { return input }), "nothing changed")
	others := make([]Node, len(found))
	for i, input := range found {
		others[i] = filledNode(input)
	}
	rest := func(l leaf) bool { _, ok := l.value.(Node); return ok }
	for last := range others { // one that is mapped late must not be lost
		at := -1
		changed := n.MapInputs(func(input Node) Node {
			at++
			require.Same(t, found[at], input)
			if at < last {
				return input
			}
			return others[at]
		})
		for i, input := range leavesAs[Node](changed) {
			if i < last {
				require.Same(t, found[i], input)
			} else {
				require.Same(t, others[i], input)
			}
		}
		require.Equal(t, slices.DeleteFunc(leavesOf(n), rest), slices.DeleteFunc(leavesOf(changed), rest))
	}
}

func checkExprs(t *testing.T, n Node) {
	found := leavesAs[Expr](n)
	var visited []Expr
	VisitExprs(n, func(e Expr) { visited = append(visited, e) })
	require.ElementsMatch(t, found, visited)
	require.Same(t, n, n.MapExprs(func(e Expr) Expr { return e }), "nothing changed")
	by := map[Expr]Expr{}
	changed := n.MapExprs(func(e Expr) Expr {
		by[e] = &Const{}
		return by[e]
	})
	for i, e := range leavesAs[Expr](changed) {
		require.Same(t, by[found[i]], e)
	}
}

func checkColumns(t *testing.T, n Node, made []string) {
	by := map[*Column]*Column{}
	changed := leavesOf(n.MapColumns(func(c *Column) *Column {
		by[c] = &Column{ID: -c.ID}
		return by[c]
	}))
	for i, l := range leavesOf(n) {
		c, ok := l.value.(*Column)
		switch {
		case !ok:
			require.Equal(t, l, changed[i])
		case slices.Contains(made, l.path):
			require.Same(t, c, changed[i].value, l.path)
		default:
			require.Contains(t, by, c, "%s is not mapped", l.path)
			require.Same(t, by[c], changed[i].value, l.path)
		}
	}
	require.Same(t, n, n.MapColumns(func(c *Column) *Column { return c }), "nothing changed")
	var want, visited []*Column
	for _, l := range leavesOf(n) {
		if c, ok := l.value.(*Column); ok && slices.Contains(made, l.path) && !strings.HasPrefix(l.path, "Runtime.") {
			want = append(want, c)
		}
	}
	n.VisitMade(func(c *Column) { visited = append(visited, c) })
	require.ElementsMatch(t, want, visited)
}

// TestMappingOnePartCopiesTheNode changes each expression and each column of a
// node alone: a part that is mapped late must not be lost.
func TestMappingOnePartCopiesTheNode(t *testing.T) {
	for _, f := range nodeFacts {
		t.Run(nodeName(f.node), func(t *testing.T) {
			n := filledNode(f.node)
			for _, e := range leavesAs[Expr](n) {
				other := &Const{}
				changed := n.MapExprs(func(x Expr) Expr {
					if x == e {
						return other
					}
					return x
				})
				require.Contains(t, leavesAs[Expr](changed), Expr(other))
			}
			VisitColumns(n, func(c *Column) {
				other := &Column{ID: -1}
				changed := n.MapColumns(func(x *Column) *Column {
					if x == c {
						return other
					}
					return x
				})
				require.Contains(t, leavesAs[*Column](changed), other)
			})
		})
	}
}

// TestSamenessForgetsNoField changes each field of a node in turn: only then it
// is another one.
func TestSamenessForgetsNoField(t *testing.T) {
	for _, f := range nodeFacts {
		t.Run(nodeName(f.node), func(t *testing.T) {
			n := filledNode(f.node)
			s := func() Sameness { // the inputs' columns are the same
				known := Sameness{}
				for _, l := range leavesOf(n) {
					if c, ok := l.value.(*Column); ok && !slices.Contains(strings.Fields(f.made), l.path) {
						known[c.ID] = c
					}
				}
				for _, e := range leavesAs[Expr](n) {
					FreeColumns(e, func(c *Column) { known[c.ID] = c })
				}
				return known
			}
			require.Equal(t, !f.neverSame, n.same(filledNode(f.node), s()))
			if f.neverSame {
				return
			}
			for i, l := range leavesOf(n) {
				if _, input := l.value.(Node); input || slices.Contains(strings.Fields(f.notCompare), strings.SplitN(l.path, ".", 2)[0]) {
					continue
				}
				other := filledNode(f.node)
				at := 0
				eachLeaf(reflect.ValueOf(other).Elem(), "", func(_ string, v reflect.Value) {
					if at == i {
						change(v)
					}
					at++
				})
				require.False(t, n.same(other, s()), "%s is not compared", l.path)
			}
		})
	}
}

// filledNode is a node of the same type with something in every field, always
// the same but for its columns' identity.
func filledNode(like Node) Node {
	n := reflect.New(reflect.TypeOf(like).Elem())
	f := filler{}
	f.fill(n.Elem())
	return n.Interface().(Node)
}

type filler struct{ last int }

func (f *filler) column() *Column {
	f.last++
	return &Column{ID: f.last, Name: fmt.Sprint("c", f.last), Type: types.BigIntType}
}

func (f *filler) fill(v reflect.Value) {
	switch v.Interface().(type) {
	case *Column:
		v.Set(reflect.ValueOf(f.column()))
		return
	case *Output:
		v.Set(reflect.ValueOf(&Output{Input: &Values{}, Names: []string{"n"}, Cols: []*Column{f.column()}}))
		return
	case *types.Resolved:
		v.Set(reflect.ValueOf(&types.Resolved{Signature: &types.Signature{Name: "f"}, Return: types.BigIntType}))
		return
	case *metadata.Table:
		v.Set(reflect.ValueOf(&metadata.Table{Name: "t"}))
		return
	}
	switch v.Kind() {
	case reflect.Interface:
		if v.Type() == reflect.TypeFor[Expr]() {
			v.Set(reflect.ValueOf(&Ref{Column: f.column()}))
		} else {
			v.Set(reflect.ValueOf(&Values{Cols: []*Column{f.column()}}))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			f.fill(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(v.Field(i))
		}
	case reflect.String:
		f.last++
		v.SetString(fmt.Sprint("s", f.last))
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.Pointer:
		if v.Type() == reflect.TypeFor[*RowPattern]() {
			v.Set(reflect.ValueOf(&RowPattern{}))
		}
	}
}

// leaf is what a field or an element holds that is no list and no struct.
type leaf struct {
	path  string
	value any
}

func leavesOf(n Node) []leaf {
	var out []leaf
	eachLeaf(reflect.ValueOf(n).Elem(), "", func(path string, v reflect.Value) { out = append(out, leaf{path, v.Interface()}) })
	return out
}

// leavesAs are the leaves of a type; the rows before a step are no input.
func leavesAs[T any](n Node) []T {
	var out []T
	for _, l := range leavesOf(n) {
		if v, ok := l.value.(T); ok && l.path != "Working" {
			out = append(out, v)
		}
	}
	return out
}

func eachLeaf(v reflect.Value, path string, visit func(path string, v reflect.Value)) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			eachLeaf(v.Field(i), strings.TrimPrefix(path+"."+v.Type().Field(i).Name, "."), visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachLeaf(v.Index(i), path, visit)
		}
	default:
		visit(path, v)
	}
}

// change puts something else into a leaf.
func change(v reflect.Value) {
	other := &Column{ID: 1 << 20, Name: "other", Type: types.VarcharType}
	switch v.Interface().(type) {
	case *Column:
		v.Set(reflect.ValueOf(other))
		return
	case Expr:
		v.Set(reflect.ValueOf(&Ref{Column: other}))
		return
	case *types.Resolved:
		v.Set(reflect.ValueOf(&types.Resolved{Signature: &types.Signature{Name: "other"}, Return: types.BigIntType}))
		return
	case *metadata.Table:
		v.Set(reflect.ValueOf(&metadata.Table{Name: "other"}))
		return
	case *RowPattern:
		v.Set(reflect.ValueOf(&RowPattern{Op: PatternEnd}))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("other")
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Int, reflect.Int64:
		v.SetInt(v.Int() + 1)
	case reflect.Uint8:
		v.SetUint(v.Uint() + 1)
	}
}
