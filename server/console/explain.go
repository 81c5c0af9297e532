package console

import (
	"encoding/json"

	"github.com/auditlake/auditlake/engine"
)

// explain returns the plan of a statement as a tree, with what each scan skips. With analyze the statement runs,
// and the tree has the figures of each step.
func (d *Door) explain(c *call) (any, error) {
	var in struct {
		statementInput
		Analyze bool `json:"analyze"`
	}
	if err := readJSON(c.w, c.r, &in); err != nil {
		return nil, err
	}
	sql, arguments, err := in.bind()
	if err != nil {
		return nil, err
	}
	options := append(d.statementOptions(c, doorName), engine.Arguments(arguments...), engine.ExplainAsJSON(), engine.Timeout(maxQueryTime))
	text, err := d.lake.Explain(c.r.Context(), sql, in.Analyze, options...)
	if err != nil {
		return nil, err
	}
	if !json.Valid([]byte(text)) { // an EXPLAIN statement that asks for another format
		return struct {
			Text string `json:"text"`
		}{text}, nil
	}
	return json.RawMessage(text), nil
}
