package buildinfo

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRead(t *testing.T) {
	vcs := []debug.BuildSetting{{Key: "vcs", Value: "git"}, {Key: "vcs.revision", Value: "0a1b2c"}, {Key: "vcs.time", Value: "2026-01-31T10:00:00Z"}, {Key: "vcs.modified", Value: "true"}}
	for name, test := range map[string]struct {
		build                    debug.BuildInfo
		release, version, string string
		isModified               bool
	}{
		"nothing is known":         {version: "(devel)", string: "(devel)"},
		"installed by its version": {build: debug.BuildInfo{Main: debug.Module{Version: "v1.4.0"}}, version: "v1.4.0", string: "v1.4.0"},
		"built in a repository":    {build: debug.BuildInfo{Main: debug.Module{Version: "v0.0.0-2026"}, Settings: vcs}, version: "v0.0.0-2026", string: "v0.0.0-2026 0a1b2c", isModified: true},
		"a release":                {build: debug.BuildInfo{Main: debug.Module{Version: "v0.0.0-2026"}, Settings: vcs[:3]}, release: "v2.0.0", version: "v2.0.0", string: "v2.0.0 0a1b2c"},
	} {
		t.Run(name, func(t *testing.T) {
			defer func(before string) { release = before }(release)
			release = test.release
			info := read(&test.build)
			require.Equal(t, test.version, info.Version)
			require.Equal(t, test.string, info.String())
			require.Equal(t, test.isModified, info.IsModified)
			require.NotEmpty(t, info.Go)
		})
	}
}
