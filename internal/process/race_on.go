//go:build race

package process

// UnderRace: the program has the race detector in it, whose memory counts as its own.
const UnderRace = true
