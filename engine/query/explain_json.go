package query

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/auditlake/auditlake/planner/plan"
)

// planNode is a node of EXPLAIN (FORMAT JSON), with Trino's members. Names and details are those of the text form.
type planNode struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Descriptor map[string]string `json:"descriptor"`
	Outputs    []planSymbol      `json:"outputs"`
	Details    []string          `json:"details"`
	Estimates  []planEstimate    `json:"estimates"`
	Actual     *stepDone         `json:"actual,omitempty"` // what it did, if the statement ran; not in Trino
	Children   []*planNode       `json:"children"`
}

type planSymbol struct {
	Type string `json:"type"`
	Name string `json:"name"`
}

// planEstimate is what a node would return and cost; unknown numbers are NaN.
type planEstimate struct {
	OutputRowCount    jsonDouble `json:"outputRowCount"`
	OutputSizeInBytes jsonDouble `json:"outputSizeInBytes"`
	CPUCost           jsonDouble `json:"cpuCost"`
	MemoryCost        jsonDouble `json:"memoryCost"`
	NetworkCost       jsonDouble `json:"networkCost"`
}

// jsonDouble is a number, or NaN as the string that Trino writes.
type jsonDouble float64

// MarshalJSON implements json.Marshaler.
func (d jsonDouble) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(d)) {
		return []byte(`"NaN"`), nil
	}
	return json.Marshal(float64(d))
}

var notKnown = jsonDouble(math.NaN())

// explainJSON returns a plan as JSON. With fragments it is nested below a fragment number, since Trino's plans may
// have several.
func explainJSON(root plan.Node, fragments bool, notes func(plan.Node) []string) (string, error) {
	p := &jsonPlanner{notes: notes, done: func(plan.Node) *stepDone { return nil }}
	tree := p.node(root)
	if fragments {
		return indented(map[string]*planNode{"0": tree})
	}
	return indented(tree)
}

func indented(value any) (string, error) {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return "", fmt.Errorf("explain: %w", err)
	}
	return strings.TrimSuffix(out.String(), "\n"), nil
}

// jsonPlanner builds the nodes of a plan's JSON.
type jsonPlanner struct {
	next  int // id of the next node
	notes func(plan.Node) []string
	done  func(plan.Node) *stepDone // nil: not measured
}

func (p *jsonPlanner) node(n plan.Node) *planNode {
	name, details, _ := strings.Cut(n.Describe(), " ")
	out := &planNode{
		ID: strconv.Itoa(p.next), Name: name, Descriptor: map[string]string{}, Outputs: []planSymbol{},
		Details: []string{}, Estimates: []planEstimate{}, Actual: p.done(n), Children: []*planNode{},
	}
	p.next++
	if details != "" {
		out.Details = append(out.Details, details)
	}
	out.Details = append(out.Details, p.notes(n)...)
	for _, c := range n.Columns() {
		out.Outputs = append(out.Outputs, planSymbol{Type: c.Type.String(), Name: fmt.Sprintf("%s#%d", c.Name, c.ID)})
	}
	if scan, ok := n.(*plan.Scan); ok {
		out.Descriptor["table"] = CatalogName + ":" + SchemaName + "." + scan.Table.Name
		out.Estimates = append(out.Estimates, planEstimate{scanRows(scan), notKnown, notKnown, 0, 0})
	}
	if reuse, ok := n.(*plan.Reuse); ok && !reuse.First {
		return out
	}
	for _, input := range plan.Inputs(n) {
		out.Children = append(out.Children, p.node(input))
	}
	return out
}

// scanRows returns the number of rows of a scan, or notKnown if a filter or a join removes some.
func scanRows(scan *plan.Scan) jsonDouble {
	if scan.Filter != nil || len(scan.Runtime) > 0 {
		return notKnown
	}
	return jsonDouble(scan.Table.Rows)
}
