package ast

import (
	"fmt"
	"strconv"
	"strings"
)

// Format returns node as text that parses to an equal tree, apart from positions. It accepts statements, queries,
// select items, sort items, relations, expressions, types, window specifications, grouping elements and row
// patterns.
func Format(node Node) string {
	var f formatter
	switch n := node.(type) {
	case Expr:
		f.expr(n, precedenceLowest)
	case *Table:
		f.table(n)
	case Relation:
		f.relation(n)
	case Statement:
		f.statement(n)
	case QueryBody:
		f.queryBody(n)
	case SelectItem:
		f.selectItem(n)
	case *SortItem:
		f.sortItem(n)
	case *Type:
		f.typeName(n)
	case *WindowSpec:
		f.windowSpec(n)
	case *GroupingElement:
		f.groupingElement(n)
	case RowPattern:
		f.rowPattern(n)
	default:
		panic(fmt.Sprintf("BUG: no format for %T", node))
	}
	return f.String()
}

// formatter writes nodes as text.
type formatter struct{ strings.Builder }

func (f *formatter) put(parts ...string) {
	for _, part := range parts {
		f.WriteString(part)
	}
}

func (f *formatter) putIf(condition bool, text string) {
	if condition {
		f.WriteString(text)
	}
}

// each writes items with commas between them.
func each[T any](f *formatter, items []T, write func(T)) {
	for i, item := range items {
		f.putIf(i > 0, ", ")
		write(item)
	}
}

func (f *formatter) ident(id Ident) {
	if id.Quoted {
		f.quoted(id.Name)
		return
	}
	f.put(id.Name)
}

func (f *formatter) quoted(name string) {
	f.put(`"`, strings.ReplaceAll(name, `"`, `""`), `"`)
}

func (f *formatter) idents(ids []Ident) {
	f.put("(")
	each(f, ids, f.ident)
	f.put(")")
}

func (f *formatter) name(n QualifiedName) {
	for i, part := range n.Parts {
		f.putIf(i > 0, ".")
		f.ident(part)
	}
}

func (f *formatter) text(s string) {
	f.put("'", strings.ReplaceAll(s, "'", "''"), "'")
}

func (f *formatter) number(n int64) { f.put(strconv.FormatInt(n, 10)) }

func (f *formatter) statement(s Statement) {
	switch s := s.(type) {
	case *Query:
		f.query(s)
	case *Explain:
		f.explain(s)
	case *Show:
		f.show(s)
	default:
		f.sessionStatement(s)
	}
}

func (f *formatter) explain(e *Explain) {
	f.put("EXPLAIN ")
	f.putIf(e.Analyze, "ANALYZE ")
	f.putIf(e.Verbose, "VERBOSE ")
	switch {
	case e.Type != "" && e.Format != "":
		f.put("(TYPE ", e.Type, ", FORMAT ", e.Format, ") ")
	case e.Type != "":
		f.put("(TYPE ", e.Type, ") ")
	case e.Format != "":
		f.put("(FORMAT ", e.Format, ") ")
	}
	f.statement(e.Statement)
}

func (f *formatter) show(s *Show) {
	f.put("SHOW ", string(s.Kind))
	if s.From != nil {
		f.put(" ")
		if preposition := s.Kind.Preposition(); preposition != "" {
			f.put(preposition, " ")
		}
		f.name(*s.From)
	}
	if s.Query != nil {
		f.put(" FOR (")
		f.query(s.Query)
		f.put(")")
	}
	if s.Like != nil {
		f.put(" LIKE ")
		f.text(s.Like.Value)
	}
	if s.Escape != nil {
		f.put(" ESCAPE ")
		f.text(s.Escape.Value)
	}
}
