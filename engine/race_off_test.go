//go:build !race

package engine_test

// underRace: the tests run with the race detector, whose memory counts as theirs.
const underRace = false
