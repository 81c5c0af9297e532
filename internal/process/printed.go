package process

import (
	"io"
	"os"
	"testing"
)

// Printed returns what run writes to the standard output of this process.
func Printed(t testing.TB, run func()) string {
	t.Helper()
	from, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	text := make(chan string)
	go func() {
		all, _ := io.ReadAll(from) // it fails only after Close
		text <- string(all)
	}()
	before := os.Stdout
	os.Stdout = to
	func() {
		defer func() { os.Stdout = before; to.Close() }()
		run()
	}()
	defer from.Close()
	return <-text
}
