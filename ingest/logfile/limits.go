package logfile

// Limits bound what one file may cost.
type Limits struct {
	// RecordBytes is the largest record; a larger one is a failure of its own.
	RecordBytes int
	// FileBytes is how much a compressed file may unpack to.
	FileBytes int64
	// Ratio is how many times its size a compressed file may unpack to, once
	// it has passed RatioFromBytes.
	Ratio          int64
	RatioFromBytes int64
}

// DefaultLimits lie far above what trails deliver: events of at most 1 MiB, in
// files of some 100 MiB that unpack to ten to thirty times their size.
func DefaultLimits() Limits {
	return Limits{
		RecordBytes:    16 << 20,
		FileBytes:      1 << 40,
		Ratio:          500,
		RatioFromBytes: 1 << 30,
	}
}
