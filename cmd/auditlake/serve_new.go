package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server"
	"github.com/auditlake/auditlake/server/access"
)

// isNewLake reports whether serve is to make a lake: its folder is missing or empty. A folder that holds something
// else is refused, so that a mistyped path does not fill a folder of other files. A lake, also a damaged one, is not
// new.
func (p *program) isNewLake(isDemo bool) (bool, error) {
	dir, err := p.lakePath()
	if err != nil || isDemo {
		return isDemo, err
	}
	switch err := engine.FindLake(dir); {
	case !errors.Is(err, engine.ErrNoLake):
		return false, nil // opening it says what is wrong
	case p.readOnly:
		return false, nil
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	var names []string
	for _, entry := range entries {
		if entry.Name() != "lost+found" {
			names = append(names, entry.Name())
		}
	}
	if len(names) == 0 {
		return true, nil
	}
	const shown = 3
	more := ""
	if len(names) > shown {
		names, more = names[:shown], fmt.Sprintf(" and %d more", len(names)-shown)
	}
	return false, fmt.Errorf("%s is not a lake and not empty: it contains %s%s; "+
		"pass --lake with a lake, or with an empty or missing folder",
		filepath.Clean(dir), strings.Join(names, ", "), more)
}

// printServing writes where the server is, the browser's URL first, and how clients connect. The function stays for
// `keys create`.
func (p *program) printServing(f serveFlags, hall *server.Hall, addresses []net.Addr, lake *engine.Lake, gate *access.Gate, isNew bool) error {
	fmt.Fprintf(p.out, "open in a browser: %s\n", p.page.next())
	for _, at := range addresses {
		fmt.Fprintf(p.out, "listening on %s\n", hall.URL(at))
	}
	if isNew {
		fmt.Fprintf(p.out, "created a lake in %s; to import files: `auditlake --lake %s import PATH`; "+
			"AWS clients can also create event data stores\n",
			lake.Dir(), shellQuoted(lake.Dir()))
	}
	lines := func() (string, error) {
		needsKey, err := gate.NeedsKey()
		if err != nil {
			return "", err
		}
		e := endpointOf(f, hall, addresses, lake.Region(), needsKey)
		e.lakeDir, e.rootFile = lake.Dir(), rootFile(lake)
		var out strings.Builder
		e.print(&out)
		return out.String(), nil
	}
	p.page.setLines(lines)
	text, err := lines()
	if err != nil {
		return err
	}
	fmt.Fprint(p.out, text)
	made, err := hall.SelfSigned()
	if err != nil {
		return err
	}
	printSelfSigned(p.out, made)
	return nil
}

// keepCertificate keeps the certificate that the server makes for itself in the lake's folder, unless that may not be
// written to.
func keepCertificate(hall *server.Hall, lake *engine.Lake) error {
	if lake.IsReadOnly() {
		return nil
	}
	return hall.KeepSelfSigned(filepath.Join(lake.Dir(), engine.TLSCertificateFile), filepath.Join(lake.Dir(), engine.TLSKeyFile))
}
