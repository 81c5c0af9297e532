// Package buildinfo describes the build of the running program: its version, the commit it was built from, and Go's
// version.
package buildinfo

import (
	"runtime"
	"runtime/debug"
	"sync"
)

// release is the version that a release build is given with -ldflags "-X …buildinfo.release=v1.2.3".
var release string

// Info describes a build. Commit, CommitTime and IsModified are those of the source's repository; Commit is empty when
// the program was built outside of one, or with -buildvcs=false.
type Info struct {
	Version    string `json:"version"` // v1.2.3 or (devel)
	Commit     string `json:"commit"`
	CommitTime string `json:"commitTime"` // RFC 3339
	IsModified bool   `json:"modified"`   // files differed from the commit
	Go         string `json:"go"`
	OS         string `json:"os"`
	Arch       string `json:"arch"`
}

// Current returns the build of the running program.
var Current = sync.OnceValue(func() Info {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		build = &debug.BuildInfo{}
	}
	return read(build)
})

func read(build *debug.BuildInfo) Info {
	info := Info{Version: release, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	if info.Version == "" {
		info.Version = build.Main.Version
	}
	if info.Version == "" {
		info.Version = "(devel)"
	}
	for _, setting := range build.Settings {
		switch setting.Key {
		case "vcs.revision":
			info.Commit = setting.Value
		case "vcs.time":
			info.CommitTime = setting.Value
		case "vcs.modified":
			info.IsModified = setting.Value == "true"
		}
	}
	return info
}

// String returns the version and the commit, which together name the build.
func (i Info) String() string {
	if i.Commit == "" {
		return i.Version
	}
	return i.Version + " " + i.Commit
}
