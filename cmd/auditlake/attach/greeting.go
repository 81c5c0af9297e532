package attach

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
)

// greeting is the first thing a holder says. A command line means what the
// program that reads it says, so both sides must be the same version of it.
type greeting struct {
	Protocol int    `json:"protocol"`
	Program  string `json:"program"`
	PID      int    `json:"pid"`
	Folder   string `json:"folder"` // see folderID
}

func newGreeting(lakeDir string) (greeting, error) {
	folder, err := folderID(lakeDir)
	return greeting{Protocol: protocolVersion, Program: programVersion(), PID: os.Getpid(), Folder: folder}, err
}

// check tells whether a client may send its command to this holder.
func (g greeting) check(lakeDir string) error {
	if g.Protocol != protocolVersion || g.Program != programVersion() {
		return &VersionError{PID: g.PID, Theirs: g.Program, Ours: programVersion(), TheirProtocol: g.Protocol}
	}
	folder, err := folderID(lakeDir)
	if err != nil {
		return fmt.Errorf("lake folder: %w", err)
	}
	if folder != g.Folder {
		return ErrNoHolder
	}
	return nil
}

func (g greeting) frame() (frame, error) {
	text, err := json.Marshal(g)
	return frame{kind: kindGreeting, payload: text}, err
}

// programVersion names the build: the module's version and the commit.
var programVersion = sync.OnceValue(func() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	version := info.Main.Version
	if version == "" {
		version = "(devel)"
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			version += " " + setting.Value
		}
	}
	return version
})
