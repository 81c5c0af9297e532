package storage

import (
	"context"
	"errors"
	"io"

	"github.com/auditlake/auditlake/storage/orc"
)

// Estimate is an interval that holds the bytes scanned of a full run of a scan.
type Estimate struct {
	LowBytes, HighBytes int64
	// Scan is what the scan would leave out, and the events it would visit.
	Scan ScanStats
}

// Estimate tells between which bounds the bytes scanned will lie when all row groups are visited.
// What it reads itself is not counted.
func (s *Snapshot) Estimate(ctx context.Context, req ScanRequest) (Estimate, error) {
	sc, err := s.Scan(req)
	if err != nil {
		return Estimate{}, err
	}
	for _, path := range req.Columns {
		if _, err := findColumn(sc.table, path); err != nil {
			return Estimate{}, err
		}
	}
	high := map[int]*orc.Usage{}
	var e Estimate
	for {
		g, err := sc.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Estimate{}, err
		}
		cost := &orc.Usage{}
		if err := g.cost(req.Columns, cost); err != nil {
			return Estimate{}, err
		}
		e.HighBytes += join(high, g.segment, cost)
	}
	e.Scan = sc.Stats()
	e.LowBytes = e.Scan.BytesScanned
	e.HighBytes += e.Scan.BytesScanned
	return e, nil
}
