package parts

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/auditlake/auditlake/storage/orc"
)

//go:embed pyarrow_orc.py
var pyarrowScript string

// Segments decodes all columns of files. The peer is pyarrow.orc, which is ORC's reader in C++. Each uses one
// thread.
func Segments(python string, paths []string) Part {
	return Part{
		Title: fmt.Sprintf("part: all columns of %d segments decoded", len(paths)), Peer: "pyarrow.orc",
		ours: func() (result, error) {
			return timed(func() (values int64, err error) {
				for _, path := range paths {
					file, err := os.ReadFile(path)
					if err != nil {
						return 0, err
					}
					n, err := decodeAll(path, file)
					if err != nil {
						return 0, err
					}
					values += n
				}
				return values, nil
			})
		},
		theirs: func() (out result, err error) {
			text, err := exec.Command(python, append([]string{"-c", pyarrowScript}, paths...)...).Output()
			if err != nil {
				return out, err
			}
			var nanoseconds int64
			if _, err := fmt.Fscan(strings.NewReader(string(text)), &nanoseconds, &out.values); err != nil {
				return out, fmt.Errorf("it printed %q: %w", text, err)
			}
			out.took = time.Duration(nanoseconds)
			return out, nil
		},
	}
}

// decodeAll reads every column of a file, row group by row group.
func decodeAll(name string, file []byte) (values int64, err error) {
	reader, err := orc.Open(strings.NewReader(string(file)), int64(len(file)), name)
	if err != nil {
		return 0, err
	}
	var columns []orc.Path
	for _, field := range reader.Schema().Fields() {
		columns = append(columns, orc.Column(field.Name))
	}
	for i := range reader.NumStripes() {
		stripe, err := reader.Stripe(i)
		if err != nil {
			return 0, err
		}
		for group := range stripe.Groups() {
			arrays, err := stripe.Read(context.Background(), group, columns, nil, nil)
			if err != nil {
				return 0, err
			}
			for _, a := range arrays {
				values += int64(a.Len() - a.NullN())
			}
		}
	}
	return values, nil
}
