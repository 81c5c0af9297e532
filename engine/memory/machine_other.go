//go:build !linux && !darwin

package memory

// machineBytes is not known on this system.
func machineBytes() int64 { return unknownMachineBytes }
