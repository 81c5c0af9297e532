package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/plan"
)

// hashJoin joins by equal keys, and by a residual condition on the pairs with equal keys. The right input is the
// build side: it is read whole first. A join without keys pairs every row with every row. If the left input is a
// scan, the join may be one of its stages. Then left is nil, and workers call expand, which is safe for concurrent
// use. If there is no memory for the build side, it is spilled, and a spilledJoin joins it.
type hashJoin struct {
	kind         plan.JoinKind // Inner, Left, Right, Full or Cross
	left, right  Operator
	rightColumns []*plan.Column
	leftColumns  []*plan.Column
	leftKeys     []int
	rightKeys    []int
	gives        []int // positions among left and right columns; nil: all
	condition    joinCondition
	filters      []keyFilter // for the scans of the left input
	memory       *account
	out          *account // the left batch, and the pairs returned last
	spilling     *keySpilling
	gathering    gathering // of the right rows

	build    *joinBuild   // nil: the right input is not read yet, or spilled
	spilled  *spilledJoin // nil: the build side is in memory
	probe    *joinProbe
	rest     *tableReader // the unmatched build rows, at the end
	atEnd    bool         // the left input is read
	prepared bool
	// isMatchable: the right input has no rows that match nothing.
	isMatchable bool
	// leftGiven are the positions of the left columns that are returned, rightGiven of the right ones.
	leftGiven, rightGiven []int
	nullLeft              []batch.Vector // for build rows without a partner
}

// joinBuild is the build side of a hashJoin in memory, or a part of it.
type joinBuild struct {
	join    *hashJoin
	table   *joinTable
	matches *joinMatches
	given   *table // the columns that are returned
	matched []bool // build rows with a partner; nil unless unmatched ones are wanted

	givenBytes int64 // approximate size of a row of given; 0: not computed yet
}

func (j *hashJoin) Next(ctx context.Context) (*batch.Batch, error) {
	if !j.prepared {
		var err error
		if j.atEnd, err = j.prepare(ctx); err != nil {
			return nil, err
		}
		j.spilledOver(j.left)
	}
	if j.spilled != nil {
		return j.spilled.Next(ctx)
	}
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		switch {
		case j.rest != nil:
			if b := j.rest.next(); b != nil {
				return besides(j.nullLeft, b.Columns, b.Len), nil
			}
			return nil, nil
		case j.atEnd:
			j.rest = j.unmatchedBuild()
		case j.probe == nil:
			if err := j.nextLeft(ctx); err != nil {
				return nil, err
			}
		default:
			b, err := j.probe.next(ctx)
			if err != nil {
				return nil, err
			}
			if b == nil {
				j.probe = nil
				continue
			}
			return b, j.out.set(batchBytes(b) + batchBytes(j.probe.batch))
		}
	}
}

func (j *hashJoin) Close() {
	if j.spilled != nil {
		j.spilled.close()
	}
	j.spilling.close()
	j.memory.close()
	j.out.close()
	if j.left != nil {
		j.left.Close()
	}
	j.right.Close()
}

// prepare reads the build side. ended reports that left rows need not be read, because nothing can match.
func (j *hashJoin) prepare(ctx context.Context) (ended bool, err error) {
	j.prepared = true
	j.choose()
	read := &buildRows{from: j.right, columns: j.rightColumns, keys: j.rightKeys, memory: j.memory, spilling: j.spilling,
		filters: j.filters, bounds: j.condition.bounds, gathering: j.gathering, matching: equalToSome, keepsAll: j.keepsRight(), matchableOnly: !j.keepsRight() && !j.isMatchable}
	rows, err := read.read(ctx)
	if err != nil {
		return false, err
	}
	if rows != nil {
		j.build, err = j.over(ctx, rows, j.condition, j.memory)
		if err == nil {
			j.build.table.publish(j.filters)
			return rows.rows == 0 && !j.keepsLeft(), nil
		}
		if !memory.IsFull(err) || j.spilling == nil || rows.rows == 0 {
			return false, err
		}
		if err := read.divideTable(ctx, rows); err != nil {
			return false, err
		}
	}
	j.spilled = newSpilledJoin(j, read)
	return false, nil
}

// spilledOver returns the join of left with the spilled build rows; nil: they are in memory.
func (j *hashJoin) spilledOver(left Operator) Operator {
	if j.spilled == nil {
		return nil
	}
	j.spilled.left = left
	return j.spilled
}

// over prepares to join left rows with build rows, which memory already holds.
func (j *hashJoin) over(ctx context.Context, rows *table, condition joinCondition, memory *account) (*joinBuild, error) {
	b := &joinBuild{join: j}
	if len(j.rightKeys) == 0 && rows.rows <= maxUnordered || condition.choices != nil {
		condition.bounds = nil
	}
	var err error
	if b.table, err = j.gathering.newJoinTable(ctx, rows, j.rightKeys, memory); err != nil {
		return nil, err
	}
	if b.matches, err = condition.over(ctx, b.table, memory); err != nil {
		return nil, err
	}
	if b.matches.chosen, err = j.gathering.newChosenTables(ctx, rows, condition.choices, memory); err != nil {
		return nil, err
	}
	if b.given, err = j.givenOf(rows, memory); err != nil {
		return nil, err
	}
	if j.keepsRight() {
		b.matched = make([]bool, rows.rows)
		return b, memory.add(int64(rows.rows))
	}
	return b, nil
}

// Up to maxUnordered build rows without keys get no joinWindow. findCrossed compares texts of left rows by code and
// takes the build row's values as constants, which is faster than finding limits for each left row.
const maxUnordered = 4

func (j *hashJoin) keepsLeft() bool { return j.kind == plan.LeftJoin || j.kind == plan.FullJoin }

func (j *hashJoin) keepsRight() bool { return j.kind == plan.RightJoin || j.kind == plan.FullJoin }

// choose finds the columns to return.
func (j *hashJoin) choose() {
	gives := j.gives
	if gives == nil {
		gives = allOf(len(j.leftColumns) + len(j.rightColumns))
	}
	left := nullVectors(j.leftColumns)
	for _, at := range gives {
		if at < len(j.leftColumns) {
			j.leftGiven, j.nullLeft = append(j.leftGiven, at), append(j.nullLeft, left[at])
			continue
		}
		j.rightGiven = append(j.rightGiven, at-len(j.leftColumns))
	}
}

// givenOf prepares the columns of build rows that are returned.
func (j *hashJoin) givenOf(build *table, memory *account) (*table, error) {
	given := &table{rows: build.rows}
	for _, at := range j.rightGiven {
		values, bytes := repeatable(build.columns[at], memory.atMost(maxRepeatedBytes, repeatedShare))
		if err := memory.add(bytes); err != nil {
			return nil, err
		}
		batch.CountNulls(values)
		given.columns = append(given.columns, values)
	}
	return given, nil
}

// These limit the dictionary made from the values of a build column; it takes at most one byte in repeatedShare of
// the query's memory. Operators above the join may account for it with each batch.
const (
	maxRepeatedRows  = 1 << 17
	maxRepeatedBytes = 8 << 20
	repeatedShare    = 256
)

// repeatable returns the values of a build column as a dictionary if they are few texts. So operators above the
// join process each text once, however many pairs contain it. bytes is the additional memory.
func repeatable(values arrow.Array, maxBytes int64) (out arrow.Array, bytes int64) {
	n := values.Len()
	if _, isText := values.(*array.String); !isText || n == 0 || n > maxRepeatedRows || batch.ArrayBytes(values) > maxBytes {
		return values, 0
	}
	offsets, text := batch.Text(values)
	return batch.FromCodes(iota32(n), arrowdata.Validity(values), batch.FromText(values.DataType(), offsets, text, nil)), 4 * int64(n)
}

// nextLeft begins the next left batch, or notes the end.
func (j *hashJoin) nextLeft(ctx context.Context) (err error) {
	b, err := j.left.Next(ctx)
	if err != nil {
		return err
	}
	if b == nil {
		j.atEnd = true
		return nil
	}
	j.probe, err = j.build.probeOf(b)
	return err
}

// expand joins one left batch. It is for joins that do not note which build rows have matched.
func (j *hashJoin) expand(_ context.Context, b *batch.Batch) (expansion, error) {
	return j.build.probeOf(b)
}

// unmatchedBuild returns a reader of the build rows without a partner.
func (j *hashJoin) unmatchedBuild() *tableReader {
	if j.build.matched == nil {
		return &tableReader{table: &table{}}
	}
	return &tableReader{table: j.build.given, rows: falseRows(j.build.matched)}
}

// besides returns a batch of the columns of both sides.
func besides(left, right []batch.Vector, rows int) *batch.Batch {
	return &batch.Batch{Columns: append(left[:len(left):len(left)], right...), Len: rows}
}

// nullVectors returns columns of NULLs, for any number of rows.
func nullVectors(columns []*plan.Column) []batch.Vector {
	row := nullRow(columns).Columns
	for i := range row {
		row[i].Const = true
		batch.CountNulls(row[i].Array)
	}
	return row
}

// falseRows lists the rows that are false; never nil.
func falseRows(marks []bool) []int32 {
	rows := []int32{}
	for row, mark := range marks {
		if !mark {
			rows = append(rows, int32(row))
		}
	}
	return rows
}
