package console

import (
	"fmt"
	"io"
	"net/http"

	"github.com/auditlake/auditlake/engine"
)

// receipt sends the receipt of a result as a file. Making it reads all rows.
func (d *Door) receipt(c *call) (any, error) {
	info, err := d.lake.Queries().Get(c.r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if err := d.allowResult(c.r.Context(), c, info); err != nil {
		return nil, err
	}
	text, err := d.lake.IssueReceipt(c.r.Context(), info.ID, c.caller.User())
	if err != nil {
		return nil, err
	}
	d.note(c, "IssueReceipt", true, map[string]any{"queryId": info.ID})
	h := c.w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="auditlake-%s.receipt.json"`, info.ID))
	_, _ = c.w.Write(text) // a browser that is gone asks again
	return nil, nil
}

// checkedReceiptView is the outcome of checking a receipt.
type checkedReceiptView struct {
	Receipt   *engine.ResultReceipt `json:"receipt"`
	Key       string                `json:"key"`
	IsSigned  bool                  `json:"isSigned"`
	IsTrusted bool                  `json:"isTrusted"`
	IsInChain bool                  `json:"isInChain"`
	Rows      engine.KeptRows       `json:"rows"`
	IsSound   bool                  `json:"isSound"`
}

// checkReceipt checks the receipt in the request's body. If the rows are still stored and the caller may read them,
// it compares them too.
func (d *Door) checkReceipt(c *call) (any, error) {
	text, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, engine.MaxReceiptBytes))
	if err != nil {
		return nil, invalid("a receipt has at most %d bytes", engine.MaxReceiptBytes)
	}
	mayRead := func(info *engine.QueryInfo) bool { return d.allowResult(c.r.Context(), c, info) == nil }
	checked, err := d.lake.CheckReceipt(c.r.Context(), text, nil, mayRead)
	if err != nil {
		return nil, err
	}
	return checkedReceiptView{
		Receipt: checked.Receipt, Key: checked.Key, IsSigned: checked.IsSigned, IsTrusted: checked.IsTrusted, IsInChain: checked.IsInChain,
		Rows: checked.Rows, IsSound: checked.IsSound(),
	}, nil
}
