// Command trinogo drives a running `auditlake serve` with Trino's client for Go, the one that Grafana's Trino plugin
// uses: trinogo client URL, or trinogo grafana URL < STATEMENTS. It is a module of its own, so that the program does
// not need the client.
package main

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"time"
)

func main() {
	checks := map[string]func(context.Context, string) error{"client": checkClient, "grafana": checkGrafana}
	if len(os.Args) != 3 || checks[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: trinogo client|grafana URL")
		os.Exit(2)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	if err := checks[os.Args[1]](ctx, os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "trinogo:", err)
		os.Exit(1)
	}
	fmt.Println("ok", os.Args[1])
}

// same wants a value.
func same(what string, got, want any) error {
	if !reflect.DeepEqual(got, want) {
		return fmt.Errorf("%s: got %#v, want %#v", what, got, want)
	}
	return nil
}
