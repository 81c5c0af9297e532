package function

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// TestSplitToMaps: rows of few and of many keys, each once for split_to_map and several times for split_to_multimap, and NULLs.
func TestSplitToMaps(t *testing.T) {
	const rows = 60
	random := rand.New(rand.NewPCG(19, 20))
	once, often := make([]string, rows), make([]string, rows)
	wantOnce, wantOften := make([]string, rows), make([]string, rows)
	valid := arrowdata.FullValidity(rows)
	for i := range rows {
		order, groups := []string(nil), map[string][]string{}
		for value := range random.IntN(70) {
			key := fmt.Sprint("k", random.IntN(1+random.IntN(50)))
			if groups[key] == nil {
				order = append(order, key)
				once[i] += fmt.Sprintf("%s=%d,", key, value)
			}
			groups[key] = append(groups[key], fmt.Sprint(value))
			often[i] += fmt.Sprintf("%s=%d,", key, value)
		}
		for _, key := range order {
			wantOnce[i] += key + ":" + groups[key][0] + ";"
			wantOften[i] += key + ":" + strings.Join(groups[key], " ") + ";"
		}
	}
	arrowdata.ClearBit(valid, rows/2)
	for name, c := range map[string]struct{ texts, want []string }{"split_to_map": {once, wantOnce}, "split_to_multimap": {often, wantOften}} {
		t.Run(name, func(t *testing.T) {
			split := kernelOf(t, name, types.VarcharType, types.VarcharType, types.VarcharType)
			column, err := batch.FromStrings(arrow.BinaryTypes.String, c.texts, valid)
			require.NoError(t, err)
			v, err := split(&Env{}, []batch.Vector{{Array: column}, constantText(t, ","), constantText(t, "=")}, nil, rows)
			require.NoError(t, err)
			offsets, keys, values := batch.Maps(v.Array)
			for i := range rows {
				got := ""
				for at := offsets[i]; at < offsets[i+1]; at++ {
					list := strings.NewReplacer("[", "", "]", "", ",", " ", `"`, "").Replace(values.ValueStr(int(at)))
					got += keys.ValueStr(int(at)) + ":" + list + ";"
				}
				require.Equal(t, i == rows/2, isNull(v, i))
				if i != rows/2 {
					require.Equal(t, c.want[i], got)
				}
			}
		})
	}
}
