package logfile

// Limits bounds what reading one file may cost.
type Limits struct {
	// RecordBytes bounds a record; a larger record is a failure of its own.
	RecordBytes int
	// FileBytes bounds the unpacked size of a compressed file.
	FileBytes int64
	// Ratio bounds the unpacked size of a compressed file, as a multiple of its stored size. It applies from
	// RatioFromBytes unpacked bytes on.
	Ratio          int64
	RatioFromBytes int64
}

// DefaultLimits returns limits far above what trails deliver: events of at most 1 MiB, in files of some 100 MiB
// that unpack to 10 to 30 times their size.
func DefaultLimits() Limits {
	return Limits{
		RecordBytes:    16 << 20,
		FileBytes:      1 << 40,
		Ratio:          500,
		RatioFromBytes: 1 << 30,
	}
}
