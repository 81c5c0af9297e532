package function

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
)

// cells holds one value of any type per group, NULL until set. It copies winning values out of their batch.
type cells struct {
	valueType arrow.DataType
	chunks    []arrow.Array
	at        []cell
	stored    int // values in chunks, dead ones too
	bytes     int64
	compacted int64 // bytes after the last compact
}

// maxDeadBytes limits the memory of replaced values in cells, in addition to as much as the live values take.
const maxDeadBytes = 8 << 20

// cell is the position of a group's value; chunk counts from 1, 0 for none.
type cell struct{ chunk, row int32 }

func (c *cells) resize(groups int) { c.at = grown(c.at, groups) }

// isSet reports whether a group has a value (it may be NULL).
func (c *cells) isSet(group int32) bool { return c.at[group].chunk > 0 }

// get returns the array and the index of a group's value.
func (c *cells) get(group int32) (arrow.Array, int) {
	at := c.at[group]
	return c.chunks[at.chunk-1], int(at.row)
}

// set sets the value of groups[i] to row rows[i] of v. The groups must be distinct.
func (c *cells) set(groups []int32, v batch.Vector, rows []int32) {
	if len(groups) == 0 {
		return
	}
	taken := batch.Decode(batch.Expand(batch.TakeVector(v, rows), len(rows)))
	c.chunks = append(c.chunks, taken)
	c.stored += len(rows)
	c.bytes += batch.ArrayBytes(taken)
	for i, group := range groups {
		c.at[group] = cell{int32(len(c.chunks)), int32(i)}
	}
	if c.stored > 2*len(c.at)+batch.Rows || len(c.chunks) > 1024 || c.bytes > 2*c.compacted+maxDeadBytes {
		c.compact()
	}
}

// compact drops dead values.
func (c *cells) compact() {
	values := c.values()
	c.chunks, c.stored, c.bytes = []arrow.Array{values}, values.Len(), batch.ArrayBytes(values)
	c.compacted = c.bytes
	for group := range c.at {
		if c.at[group].chunk > 0 {
			c.at[group] = cell{1, int32(group)}
		}
	}
}

// values returns one value per group.
func (c *cells) values() arrow.Array {
	if len(c.chunks) == 0 {
		return batch.Nulls(c.valueType, len(c.at))
	}
	starts := make([]int32, len(c.chunks))
	next := 0
	for i, chunk := range c.chunks {
		starts[i] = int32(next)
		next += chunk.Len()
	}
	rows := make([]int32, len(c.at))
	for group, at := range c.at {
		rows[group] = -1
		if at.chunk > 0 {
			rows[group] = starts[at.chunk-1] + at.row
		}
	}
	return batch.Take(batch.Concat(c.chunks), rows)
}

func (c *cells) sizeBytes() int64 { return c.bytes + statesBytes(c.at) }

// pending collects the winning row of each group within one batch. It reuses its memory for the next batch.
type pending struct {
	groups []int32
	rows   []int32
	places []int32 // by group: its index in groups plus one, 0 without a row
}

func (p *pending) resize(groups int) { p.places = grown(p.places, groups) }

// row returns the group's winning row in this batch so far.
func (p *pending) row(group int32) (int32, bool) {
	place := p.places[group]
	if place == 0 {
		return 0, false
	}
	return p.rows[place-1], true
}

func (p *pending) put(group, row int32) {
	if place := p.places[group]; place > 0 {
		p.rows[place-1] = row
		return
	}
	p.groups, p.rows = append(p.groups, group), append(p.rows, row)
	p.places[group] = int32(len(p.groups))
}

// forget starts the next batch.
func (p *pending) forget() {
	for _, group := range p.groups {
		p.places[group] = 0
	}
	p.groups, p.rows = p.groups[:0], p.rows[:0]
}

func (p *pending) sizeBytes() int64 {
	return statesBytes(p.groups) + statesBytes(p.rows) + statesBytes(p.places)
}
