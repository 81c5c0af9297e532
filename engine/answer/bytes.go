package answer

import (
	"fmt"
	"strconv"
)

// Bytes writes a number of bytes as people read it, with three digits and a decimal unit: 9.18 kB.
func Bytes(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB", "PB"}
	value, unit := float64(n), 0
	for value >= 1000 && unit < len(units)-1 {
		value /= 1000
		unit++
	}
	if unit == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.*f %s", 2-min(2, len(strconv.Itoa(int(value)))-1), value, units[unit])
}
