package store

import (
	"context"
	"time"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/planner/types"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/schema"
)

// Description is what a store holds and looks like.
type Description struct {
	Store       *Store
	Columns     []ColumnInfo
	Events      int64 // within retention; days that reach past it are counted whole
	StoredBytes int64
	Segments    int64
	Days        int64
	// MinTime and MaxTime are the oldest and newest eventtime; zero without events.
	MinTime, MaxTime time.Time
}

// ColumnInfo describes a column of a store, or a field of one that is a row.
type ColumnInfo struct {
	Name, Type string
	// Example is a made-up value. Description says in a few words what the values are.
	Example, Description string
	Fields               []ColumnInfo // of a row, or of the rows of an array
}

// Describe returns a store's columns, sizes and time span, without reading events.
func (s *Stores) Describe(ctx context.Context, name string) (*Description, error) {
	record, err := Record(ctx, s.storage, name)
	if err != nil {
		return nil, err
	}
	d := &Description{Store: s.describe(record)}
	if d.Columns, err = columnsOf(record.Category); err != nil {
		return nil, err
	}
	snapshot, err := s.storage.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer snapshot.Close()
	rows, err := snapshot.Rows(record.ID, record.Horizon(s.place.Now()))
	if err != nil {
		return nil, err
	}
	d.addRows(rows)
	return d, nil
}

func (d *Description) addRows(rows storage.StoreRows) {
	for i, day := range rows.Days {
		d.Events += day.Rows
		d.StoredBytes += day.Bytes
		d.Segments += int64(day.Segments)
		d.Days++
		if lowest := time.UnixMilli(day.MinTime).UTC(); i == 0 || lowest.Before(d.MinTime) {
			d.MinTime = lowest
		}
		if highest := time.UnixMilli(day.MaxTime).UTC(); i == 0 || highest.After(d.MaxTime) {
			d.MaxTime = highest
		}
	}
}

func columnsOf(category string) ([]ColumnInfo, error) {
	table, ok := schema.ForCategory(category)
	if !ok {
		return nil, ErrUnsupportedCategory
	}
	var out []ColumnInfo
	for _, c := range table.Columns {
		t, err := arrowtype.FromArrow(c.Type)
		if err != nil {
			return nil, err
		}
		out = append(out, columnInfo(c, t))
	}
	return out, nil
}

// columnInfo describes a column or field of type t.
func columnInfo(c schema.Column, t *types.Type) ColumnInfo {
	info := ColumnInfo{Name: c.Name, Type: t.Display(), Example: c.Example, Description: c.Description}
	if t.Kind == types.Array {
		t = t.Elem
	}
	if t.Kind != types.Row {
		return info
	}
	for i, f := range c.Fields {
		info.Fields = append(info.Fields, columnInfo(f, t.Fields[i].Type))
	}
	return info
}
