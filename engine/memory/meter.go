package memory

import "github.com/auditlake/auditlake/planner/types"

// Limits bound what one statement makes, besides the memory of its pool.
type Limits struct {
	// MaxValueBytes is how long one value may be, a text or an array with all it
	// holds; MaxRowBytes is the same for a row. 0 means no limit.
	MaxValueBytes, MaxRowBytes int64
}

// A meter reserves up to maxMeterStepBytes ahead, so that small growth costs no more than an addition. It reserves
// at most one in meterShare bytes of the query's limit ahead: operators that have begun to spill cannot use these
// bytes.
const (
	maxMeterStepBytes = 256 << 10
	meterShare        = 64
)

// Meter counts what one evaluation holds on top of an account that evaluations
// share. One goroutine uses it. A nil Meter counts nothing and refuses nothing.
type Meter struct {
	account       *Account
	maxValueBytes int64
	stepBytes     int64 // reserved ahead
	used          int64 // by the evaluation
	reserved      int64 // of the account, at least used after each call without error
	work          int   // see Worked; since the last look
}

// Meter returns a meter on the account, which refuses values longer than
// maxValueBytes; 0 means no limit. The caller closes it.
func (a *Account) Meter(maxValueBytes int64) *Meter {
	m := &Meter{account: a, maxValueBytes: maxValueBytes, stepBytes: maxMeterStepBytes}
	if limitBytes := a.LimitBytes(); limitBytes > 0 {
		m.stepBytes = min(m.stepBytes, limitBytes/meterShare)
	}
	return m
}

// Grow adds bytes to what is held. Its errors are those of Account.Reserve.
func (m *Meter) Grow(bytes int64) error {
	if m == nil {
		return nil
	}
	m.used += bytes
	if m.used <= m.reserved {
		return nil
	}
	return m.reserve()
}

// reserve makes the account hold what is used, and more if there is room.
func (m *Meter) reserve() error {
	missing := m.used - m.reserved
	if m.account.Reserve(missing+m.stepBytes) == nil {
		m.reserved += missing + m.stepBytes
		return nil
	}
	if err := m.account.Reserve(missing); err != nil {
		return err
	}
	m.reserved += missing
	return nil
}

// Used is what is held now.
func (m *Meter) Used() int64 {
	if m == nil {
		return 0
	}
	return m.used
}

// Settle makes the meter hold used bytes in all: what an evaluation needed on
// its way is given back, its result stays.
func (m *Meter) Settle(used int64) error {
	if m == nil {
		return nil
	}
	m.used = used
	if spare := m.reserved - used - m.stepBytes; spare > m.stepBytes {
		m.account.Release(spare)
		m.reserved -= spare
	}
	if m.used <= m.reserved {
		return nil
	}
	return m.reserve()
}

// Stopped returns the error that ended the statement, nil while it runs. It is
// cheap enough for every row. The work may wait for other queries here, see SetPace.
func (m *Meter) Stopped() error {
	if m == nil {
		return nil
	}
	return m.account.pool.pacedStopped()
}

// workBetweenLooks is how many units of work Worked counts between two calls of Stopped. countedLeast is the least
// that each call counts, because a part of an expression has a cost even for a single row.
const (
	workBetweenLooks = 1 << 16
	countedLeast     = 1 << 6
)

// Worked counts the rows of one part of an expression, and calls Stopped once for every 2^16 of them. So an
// expression of many parts ends soon after its statement, however long it takes for one batch.
func (m *Meter) Worked(rows int) error {
	if m == nil {
		return nil
	}
	if m.work += max(rows, countedLeast); m.work < workBetweenLooks {
		return nil
	}
	m.work = 0
	return m.Stopped()
}

// StoppedElsewhere is Stopped for a goroutine that waits while another one works.
func (m *Meter) StoppedElsewhere() error {
	if m == nil {
		return nil
	}
	return m.account.pool.Stopped()
}

// CheckValue is Limits.CheckValue.
func (m *Meter) CheckValue(bytes int64) error {
	if m == nil {
		return nil
	}
	return Limits{MaxValueBytes: m.maxValueBytes}.CheckValue(bytes)
}

// MaxValueBytes is how long a value may be, 0 for no limit.
func (m *Meter) MaxValueBytes() int64 {
	if m == nil {
		return 0
	}
	return m.maxValueBytes
}

// Close gives all back. It may be called again.
func (m *Meter) Close() {
	if m == nil {
		return
	}
	m.account.Release(m.reserved)
	m.used, m.reserved = 0, 0
}

// CheckValue refuses a value that is bytes long with EXCEEDED_FUNCTION_MEMORY_LIMIT if it is longer than values may
// be.
func (l Limits) CheckValue(bytes int64) error {
	if l.MaxValueBytes <= 0 || bytes <= l.MaxValueBytes {
		return nil
	}
	return types.Errorf(types.ExceededFunctionMemory, types.Pos{},
		TooLarge+"A value of %s is longer than the limit of %s", FormatBytes(bytes), FormatBytes(l.MaxValueBytes))
}

// CheckRow refuses a row that is bytes long with EXCEEDED_LOCAL_MEMORY_LIMIT if it is longer than rows may be.
func (l Limits) CheckRow(bytes int64) error {
	if l.MaxRowBytes <= 0 || bytes <= l.MaxRowBytes {
		return nil
	}
	return types.Errorf(types.ExceededMemoryLimit, types.Pos{},
		TooLarge+"A row of %s is longer than the limit of %s", FormatBytes(bytes), FormatBytes(l.MaxRowBytes))
}
