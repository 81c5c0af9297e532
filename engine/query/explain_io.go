package query

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// inputOutput is EXPLAIN (TYPE IO), with Trino's members: the stores and reference tables that are read, and the
// known constraints on values. There is never an output table, because a lake can only be read.
type inputOutput struct {
	Inputs   []tableInput `json:"inputTableColumnInfos"`
	Estimate ioEstimate   `json:"estimate"`
}

type tableInput struct {
	Table      ioTable      `json:"table"`
	Constraint ioConstraint `json:"constraint"`
	Estimate   ioEstimate   `json:"estimate"`
}

type ioTable struct {
	Catalog     string `json:"catalog"`
	SchemaTable struct {
		Schema string `json:"schema"`
		Table  string `json:"table"`
	} `json:"schemaTable"`
}

type ioConstraint struct {
	None    bool               `json:"none"`
	Columns []columnConstraint `json:"columnConstraints"`
}

type columnConstraint struct {
	Name   string   `json:"columnName"`
	Type   string   `json:"type"`
	Domain ioDomain `json:"domain"`
}

type ioDomain struct {
	NullsAllowed bool      `json:"nullsAllowed"`
	Ranges       []ioRange `json:"ranges"`
}

type ioRange struct {
	Low  ioMarker `json:"low"`
	High ioMarker `json:"high"`
}

// ioMarker is one end of a range; without a value the range is unbounded on that side.
type ioMarker struct {
	Value *string `json:"value,omitempty"`
	Bound string  `json:"bound"` // BELOW, EXACTLY or ABOVE the value
}

type ioEstimate struct {
	OutputRowCount    jsonDouble `json:"outputRowCount"`
	OutputSizeInBytes jsonDouble `json:"outputSizeInBytes"`
	CPUCost           jsonDouble `json:"cpuCost"`
	MaxMemory         jsonDouble `json:"maxMemory"`
	NetworkCost       jsonDouble `json:"networkCost"`
}

// maxDomainRanges is the maximum number of ranges listed. More become one range from the least to the greatest, as
// in Trino.
const maxDomainRanges = 32

func (q *Queries) explainInputOutput(s *statement) (string, error) {
	out := inputOutput{Inputs: []tableInput{}, Estimate: ioEstimate{notKnown, notKnown, notKnown, notKnown, notKnown}}
	var seen []string
	for _, scan := range scansOf(s.root) {
		input, err := q.tableInput(s, scan)
		if err != nil {
			return "", err
		}
		text, err := json.Marshal(input)
		if err != nil {
			return "", fmt.Errorf("explain: %w", err)
		}
		if !slices.Contains(seen, string(text)) {
			seen = append(seen, string(text))
			out.Inputs = append(out.Inputs, input)
		}
	}
	return indented(out)
}

func (q *Queries) tableInput(s *statement, scan *plan.Scan) (tableInput, error) {
	out := tableInput{
		Table: ioTable{Catalog: CatalogName}, Constraint: ioConstraint{Columns: []columnConstraint{}},
		Estimate: ioEstimate{scanRows(scan), notKnown, notKnown, 0, 0},
	}
	out.Table.SchemaTable.Schema, out.Table.SchemaTable.Table = SchemaName, scan.Table.Name
	for _, d := range scan.Domains {
		if len(d.Path) != 1 || d.MapKey != nil { // of a part of a column
			continue
		}
		if len(d.Ranges) == 0 && !d.NullAllowed {
			out.Constraint = ioConstraint{None: true, Columns: []columnConstraint{}}
			return out, nil
		}
		domain, err := q.ioDomain(s, d)
		if err != nil {
			return out, err
		}
		out.Constraint.Columns = append(out.Constraint.Columns, columnConstraint{d.Path[0], columnType(scan, d.Path[0]), domain})
	}
	return out, nil
}

func columnType(scan *plan.Scan, name string) string {
	for _, c := range scan.Table.Columns {
		if c.Name == name {
			return c.Type.String()
		}
	}
	return types.UnknownType.String()
}

func (q *Queries) ioDomain(s *statement, d plan.Domain) (ioDomain, error) {
	ranges := d.Ranges
	if n := len(ranges); n > maxDomainRanges {
		ranges = []plan.Range{{Low: ranges[0].Low, LowIncl: ranges[0].LowIncl, High: ranges[n-1].High, HighIncl: ranges[n-1].HighIncl}}
	}
	out := ioDomain{NullsAllowed: d.NullAllowed, Ranges: []ioRange{}}
	for _, r := range ranges {
		low, err := q.ioMarker(s, r.Low, r.LowIncl, "ABOVE")
		if err != nil {
			return out, err
		}
		high, err := q.ioMarker(s, r.High, r.HighIncl, "BELOW")
		if err != nil {
			return out, err
		}
		out.Ranges = append(out.Ranges, ioRange{low, high})
	}
	return out, nil
}

// ioMarker describes one end of a range; exclusive is its bound if the value is not in the range.
func (q *Queries) ioMarker(s *statement, v *types.Value, inclusive bool, exclusive string) (ioMarker, error) {
	if v == nil {
		return ioMarker{Bound: exclusive}, nil
	}
	cast, ok := q.options.Functions.ResolveCast(v.Type, types.VarcharType, false)
	if !ok {
		return ioMarker{}, fmt.Errorf("explain: no text of %s", v.Type)
	}
	text, err := q.options.Functions.Fold(cast, []types.Value{*v}, s.session)
	if err != nil {
		return ioMarker{}, fmt.Errorf("explain: %w", err)
	}
	value, _ := text.V.(string)
	if inclusive {
		exclusive = "EXACTLY"
	}
	return ioMarker{Value: &value, Bound: exclusive}, nil
}
