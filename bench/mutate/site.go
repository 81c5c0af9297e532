package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// site is a place in a file and what a defect writes there.
type site struct {
	pkg, file   string
	line        int
	from, until int // offsets of what is replaced
	kind, to    string
	old         string
}

func (s site) String() string {
	return fmt.Sprintf("%s:%d %s: %s => %s", s.file, s.line, s.kind, oneLine(s.old), oneLine(s.to))
}

func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > 80 {
		text = text[:80] + "…"
	}
	return strconv.Quote(text)
}

// overlay writes the changed file and the overlay list for the compiler into dir.
func (s site) overlay(dir string) (string, error) {
	text, err := os.ReadFile(s.file)
	if err != nil {
		return "", err
	}
	changed := filepath.Join(dir, "changed.go")
	if err := os.WriteFile(changed, []byte(string(text[:s.from])+s.to+string(text[s.until:])), 0o600); err != nil {
		return "", err
	}
	list, err := json.Marshal(map[string]map[string]string{"Replace": {s.file: changed}})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, list, 0o600)
}

// offByOne has the comparisons that differ at their bound alone.
var offByOne = map[token.Token]token.Token{token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR}

// sitesOf finds the places of a file where a defect can be planted; generated files have none.
func sitesOf(pkg, file string) ([]site, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, file, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	if ast.IsGenerated(parsed) {
		return nil, nil
	}
	var sites []site
	add := func(kind string, from, until token.Pos, to string) {
		place := files.Position(from)
		s := site{pkg: pkg, file: file, line: place.Line, from: place.Offset, until: files.Position(until).Offset, kind: kind, to: to}
		s.old = string(text[s.from:s.until])
		sites = append(sites, s)
	}
	negate := func(cond ast.Expr) {
		if cond != nil {
			old := text[files.Position(cond.Pos()).Offset:files.Position(cond.End()).Offset]
			add("negated", cond.Pos(), cond.End(), "!("+string(old)+")")
		}
	}
	statements := func(list []ast.Stmt) {
		for _, s := range list {
			switch s := s.(type) {
			case *ast.ExprStmt, *ast.IncDecStmt, *ast.SendStmt:
				add("left out", s.Pos(), s.End(), "")
			case *ast.AssignStmt:
				if s.Tok != token.DEFINE {
					add("left out", s.Pos(), s.End(), "")
				}
			}
		}
	}
	for _, declared := range parsed.Decls {
		function, ok := declared.(*ast.FuncDecl)
		if !ok || function.Body == nil {
			continue
		}
		ast.Inspect(function.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.IfStmt:
				negate(n.Cond)
			case *ast.ForStmt:
				negate(n.Cond)
			case *ast.BlockStmt:
				statements(n.List)
			case *ast.CaseClause:
				statements(n.Body)
			case *ast.BinaryExpr:
				if other, ok := offByOne[n.Op]; ok {
					add("off by one", n.OpPos, n.OpPos+token.Pos(len(n.Op.String())), other.String())
				}
				if literal, ok := n.Y.(*ast.BasicLit); ok && literal.Kind == token.INT && (n.Op == token.ADD || n.Op == token.SUB) {
					add("off by one", literal.Pos(), literal.End(), "("+literal.Value+"+1)")
				}
			}
			return true
		})
	}
	return sites, nil
}
