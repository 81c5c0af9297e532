package storage

import (
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/arrowtest"
	"github.com/auditlake/auditlake/storage/orc"
	"github.com/auditlake/auditlake/storage/schema"
)

// laterTable is the table of management events as it may be one day: eventname has another name,
// useridentity.arn is gone and another column was added.
func laterTable(t *testing.T) *schema.Table {
	t.Helper()
	now, ok := schema.ForCategory("Management")
	require.True(t, ok)
	later := &schema.Table{Category: now.Category, Columns: slices.Clone(now.Columns)}
	for i, c := range later.Columns {
		switch c.Name {
		case "eventname":
			later.Columns[i].Name = "action"
		case "useridentity":
			fields := slices.DeleteFunc(slices.Clone(c.Fields), func(f schema.Column) bool { return f.Name == "arn" })
			list := slices.DeleteFunc(slices.Clone(c.Type.(*arrow.StructType).Fields()), func(f arrow.Field) bool { return f.Name == "arn" })
			later.Columns[i].Fields, later.Columns[i].Type = fields, arrow.StructOf(list...)
		}
	}
	later.Columns = append(later.Columns, schema.Column{Name: "eventname", Type: arrow.PrimitiveTypes.Int64, ID: 9001})
	return later
}

func TestSegmentsOfAnEarlierTable(t *testing.T) {
	l := newLake(t)
	events := secondsApart(day(1), 3)
	for i := range events {
		events[i].name, events[i].arn = string(rune('a'+i)), "arn"
	}
	commit(t, l, events...)
	segments, err := snapshot(t, l).Segments(storeID)
	require.NoError(t, err)
	table := laterTable(t)

	reader, err := l.openSegment(segments[0], table)
	require.NoError(t, err)
	stripe, err := reader.Stripe(0)
	require.NoError(t, err)
	read, err := stripe.Read(ctx, 0, []orc.Path{orc.Column("action"), orc.Column("eventname"), orc.Column("useridentity")}, nil, nil)
	require.NoError(t, err)
	require.Equal(t, `["a" "b" "c"]`, arrowtest.Plain(t, read[0]).String())
	require.Equal(t, `[(null) (null) (null)]`, read[1].String())
	_, hasARN := read[2].DataType().(*arrow.StructType).FieldByName("arn")
	require.False(t, hasARN)
	statistics, err := reader.Statistics(orc.Column("action"))
	require.NoError(t, err)
	require.Equal(t, "c", statistics.Max.Text)

	// Compaction writes the columns of the later table.
	merged := newMerge(l, &segmentKind{storeID: storeID, table: table, schema: table.Arrow()}, segments, nil)
	records, rows, err := merged.nextRows(ctx, 10)
	require.NoError(t, err)
	require.Len(t, rows, 3)
	at := slices.IndexFunc(table.Stored(), func(c schema.Column) bool { return c.Name == "action" })
	require.Equal(t, `["a" "b" "c"]`, arrowtest.Plain(t, records[0][at]).String())
	require.Equal(t, 3, records[0][len(records[0])-1].NullN())
}
