package answer

import "io"

// maxDraftBytes is how much of an answer waits for its end. A longer answer streams from there on.
const maxDraftBytes = 1 << 20

// draft holds back the beginning of an answer until release, or until it exceeds maxDraftBytes. So a statement that
// fails early prints nothing.
type draft struct {
	out      io.Writer
	held     []byte
	released bool
}

// Write implements io.Writer.
func (d *draft) Write(p []byte) (int, error) {
	if !d.released && len(d.held)+len(p) <= maxDraftBytes {
		d.held = append(d.held, p...)
		return len(p), nil
	}
	if err := d.release(); err != nil {
		return 0, err
	}
	return d.out.Write(p)
}

// release writes what is held. Later writes go straight to the output.
func (d *draft) release() error {
	held := d.held
	d.held, d.released = nil, true
	if len(held) == 0 {
		return nil
	}
	_, err := d.out.Write(held)
	return err
}
