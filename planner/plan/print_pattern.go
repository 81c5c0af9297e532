package plan

import (
	"fmt"
	"strings"
)

// Describe implements Node.
func (n *PatternRecognition) Describe() string {
	var defined, measures []string
	for i, c := range n.Conditions {
		if c.Expr != nil {
			defined = append(defined, n.Variables[i]+" as "+n.formatExpr(c))
		}
	}
	for _, m := range n.Measures {
		measures = append(measures, columnName(m.Column)+" := "+n.formatExpr(m.PatternExpr))
	}
	return fmt.Sprintf("PatternRecognition by %s order %s pattern (%s) define [%s] measures [%s]%s", columnNames(n.PartitionBy), sortKeys(n.OrderBy),
		n.formatPattern(n.Pattern), strings.Join(defined, ", "), strings.Join(measures, ", "), iff(n.AllRows, " all rows"))
}

// formatExpr prints an expression and the source of its values.
func (n *PatternRecognition) formatExpr(x PatternExpr) string {
	text := FormatExpr(x.Expr)
	if len(x.Values) == 0 {
		return text
	}
	values := make([]string, len(x.Values))
	for i, v := range x.Values {
		values[i] = columnName(v.Column) + " = " + n.formatValue(v)
	}
	return text + " where " + strings.Join(values, ", ")
}

func (n *PatternRecognition) formatValue(v PatternValue) string {
	label := ""
	if v.Labels != nil {
		names := make([]string, len(v.Labels))
		for i, at := range v.Labels {
			names[i] = n.Variables[at]
		}
		label = strings.Join(names, "|") + "."
	}
	mode := iff(v.Final, "final ")
	text := ""
	switch v.Kind {
	case MatchNumber:
		return "match_number()"
	case PatternAggregate:
		return fmt.Sprintf("%s%s(%s%s)", mode, v.Fn.Name, label, formatExprs(v.Args))
	case NavigatedClassifier:
		text = label + "classifier"
	default:
		text = label + columnName(v.Source)
	}
	text = fmt.Sprintf("%s%s(%s%s)", mode, map[bool]string{true: "first", false: "last"}[v.First], text, iff(v.Offset > 0, fmt.Sprintf(", %d", v.Offset)))
	switch {
	case v.Physical < 0:
		return fmt.Sprintf("prev(%s, %d)", text, -v.Physical)
	case v.Physical > 0:
		return fmt.Sprintf("next(%s, %d)", text, v.Physical)
	}
	return text
}

func (n *PatternRecognition) formatPattern(p *RowPattern) string {
	items := make([]string, len(p.Items))
	for i, item := range p.Items {
		items[i] = n.formatPattern(item)
	}
	switch p.Op {
	case PatternVariable:
		return n.Variables[p.Variable]
	case PatternStart:
		return "^"
	case PatternEnd:
		return "$"
	case PatternSequence:
		return "(" + strings.Join(items, " ") + ")"
	case PatternEither:
		return "(" + strings.Join(items, " | ") + ")"
	case PatternPermute:
		return "PERMUTE(" + strings.Join(items, ", ") + ")"
	case PatternExclusion:
		return "{- " + items[0] + " -}"
	case PatternRepeat:
		most := iff(p.Max >= 0, fmt.Sprint(p.Max))
		return fmt.Sprintf("%s{%d,%s}%s", items[0], p.Min, most, iff(p.Reluctant, "?"))
	}
	return "()"
}
