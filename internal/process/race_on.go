//go:build race

package process

// UnderRace means that the program contains the race detector, whose memory counts as the program's own.
const UnderRace = true
