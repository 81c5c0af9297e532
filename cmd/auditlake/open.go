package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server"
	"github.com/auditlake/auditlake/server/console"
)

// servedPage makes URLs of the console of this process, which commands of other processes ask for. It is safe for
// concurrent use.
type servedPage struct {
	mu    sync.Mutex
	url   func() string          // mu; nil: nothing is served
	lines func() (string, error) // mu; nil: nothing is served
}

// setLines sets the function that returns how clients connect.
func (s *servedPage) setLines(lines func() (string, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = lines
}

// connecting returns the lines by which clients connect now, "" if nothing is served.
func (s *servedPage) connecting() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lines == nil {
		return "", nil
	}
	return s.lines()
}

func (s *servedPage) set(url func() string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.url = url
}

// next returns a URL that signs in once, "" if nothing is served.
func (s *servedPage) next() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.url == nil {
		return ""
	}
	return s.url()
}

// serveConsole returns the door of the page, and sets how p.page makes URLs. A URL signs a browser on this machine
// in as the root. Without an address that only this machine reaches, or without a root key, it does not sign in.
func (p *program) serveConsole(ctx context.Context, lake *engine.Lake, options console.Options, hall *server.Hall, addresses []net.Addr) (*console.Door, error) {
	door, err := console.New(lake, options)
	if err != nil {
		return nil, err
	}
	rootID, err := activeRoot(ctx, lake)
	if err != nil {
		return nil, err
	}
	p.page.set(func() string {
		at := slices.IndexFunc(addresses, server.IsLoopback)
		switch {
		case at >= 0 && rootID != "":
			return door.SignInURL(hall.URL(addresses[at]), rootID)
		case options.BaseURL != "":
			return options.BaseURL + console.Path
		}
		return hall.URL(addresses[0]) + console.Path
	})
	return door, nil
}

// activeRoot returns the id of the root key that works, "" if there is none, as in a lake that is only read.
func activeRoot(ctx context.Context, lake *engine.Lake) (string, error) {
	keys, err := lake.Keys().List(ctx)
	for _, k := range keys {
		if k.IsRoot && k.State(lake.Now()) == "active" {
			return k.ID, nil
		}
	}
	return "", err
}

func (p *program) openCommand() *cobra.Command {
	var printOnly bool
	cmd := &cobra.Command{
		Use: "open", Short: "Open the console in a browser", Args: usage(cobra.NoArgs),
		Long: "Opens the console in a browser and prints its URL. The URL signs in as the lake's root user, once,\n" +
			"within an hour. `auditlake serve` must run on this machine for the same lake.",
		RunE: func(cmd *cobra.Command, _ []string) error { return p.openConsole(cmd.Context(), printOnly) },
	}
	cmd.Flags().BoolVar(&printOnly, "print", false, "print the URL without opening it")
	return cmd
}

var errNothingServed = errors.New("no server is running for this lake; start one with `auditlake serve`")

func (p *program) openConsole(ctx context.Context, printOnly bool) error {
	if !printOnly { // the browser is this process's, not the server's
		var out bytes.Buffer
		if code := p.runLine(ctx, streams{in: p.in, out: &out, err: p.err}, "open", "--print"); code != exitDone {
			return reported{code}
		}
		url := strings.TrimSpace(out.String())
		fmt.Fprintln(p.out, url)
		return startBrowser(url)
	}
	return p.withLake(ctx, false, func(*engine.Lake) error {
		url := p.page.next()
		if url == "" {
			return errNothingServed
		}
		_, err := fmt.Fprintln(p.out, url)
		return err
	})
}

// startBrowser opens a URL as the system does. Without a browser the URL is printed all the same.
func startBrowser(url string) error {
	name, arguments := "xdg-open", []string{url}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, arguments = "rundll32", []string{"url.dll,FileProtocolHandler", url}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return nil
	}
	if err := exec.Command(path, arguments...).Run(); err != nil {
		return fmt.Errorf("open a browser: %w", err)
	}
	return nil
}
