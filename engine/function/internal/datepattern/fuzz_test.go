package datepattern

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/planner/types"
)

// FuzzJoda: a text read by a pattern of numbers reads the same once written.
func FuzzJoda(f *testing.F) {
	for _, seed := range [][2]string{
		{"yyyy-MM-dd HH:mm:ss", "2024-08-07 15:04:05"}, {"EEE dd MMM yy h a", "Wed 07 Aug 24 3 PM"}, {"xxxx ww e", "2024 32 3"},
		{"yyyy-MM-dd'T'HH:mm:ss.SSSZ", "2024-08-07T15:04:05.678+05:30"}, {"''yy'q", "'24q"}, {"G C D k K", "AD 20 220 24 0"}, {"ZZZ z", "Europe/Paris EST"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		items, err := CompileJoda(pattern)
		if err != nil {
			require.Equal(t, types.InvalidFunctionArgument, types.ErrorName(err))
			return
		}
		v := Values{}
		ok := true
		for i := 0; i < len(items) && ok; i++ {
			if items[i].Count > 1000 {
				t.Skip()
			}
			text, ok = v.read(text, items[i], i+1 < len(items) && items[i+1].isNumber(), 2024)
		}
		if !ok {
			return
		}
		if at, ok := v.Fields.Time(); ok {
			_ = Append(nil, items, at, arrowtype.UTC, 0)
		}
	})
}

// FuzzMySQLDate: whatever the pattern and the text, there is an error or an answer.
func FuzzMySQLDate(f *testing.F) {
	f.Add("%Y-%m-%d %H:%i:%s.%f", "2024-08-07 15:04:05.678")
	f.Add("%W %M %e %y %r", "Wednesday August 7 24 03:04:05 PM")
	f.Add("%x %v %j %%", "2024 32 220 %")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		millis, err := new(MySQLParser).Parse(text, pattern)
		if err != nil {
			require.Equal(t, types.InvalidFunctionArgument, types.ErrorName(err))
			return
		}
		_, _ = formatMySQL(time.UnixMilli(millis).UTC(), pattern)
	})
}
