package awsapi

// WaitsForSchedule reports whether the door waits for the next time to look for due refreshes: whatever was due before has been done.
func (d *Door) WaitsForSchedule() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.stopSchedule != nil
}
