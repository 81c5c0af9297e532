package memory

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func TestLinuxBytes(t *testing.T) {
	const meminfo = "MemTotal:       16000000 kB\nMemFree:         1000000 kB\n"
	const machine = 16000000 << 10
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"no control group":    {map[string]string{"proc/meminfo": meminfo}, machine},
		"nothing can be read": {nil, unknownMachineBytes},
		"version 2 without limit": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/user.slice/a.scope\n",
			"sys/fs/cgroup/user.slice/a.scope/memory.max": "max\n",
		}, machine},
		"version 2, own limit": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/user.slice/a.scope\n",
			"sys/fs/cgroup/user.slice/a.scope/memory.max": "1073741824\n",
			"sys/fs/cgroup/user.slice/memory.max":         "max\n",
		}, 1 << 30},
		"version 2, a group above has less": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/user.slice/a.scope\n",
			"sys/fs/cgroup/user.slice/a.scope/memory.max": "1073741824\n",
			"sys/fs/cgroup/user.slice/memory.max":         "536870912\n",
		}, 512 << 20},
		"version 2 in a container": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "2147483648\n",
		}, 2 << 30},
		"version 1": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "12:cpu,cpuacct:/x\n11:memory:/docker/abc\n1:name=systemd:/docker/abc\n",
			"sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": "3221225472\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes":            "9223372036854771712\n",
		}, 3 << 30},
		"version 1 in a container, with the host's path": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "4:memory,hugetlb:/docker/abc\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "1073741824\n",
		}, 1 << 30},
		"version 1 without limit": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "4:memory:/\n0::/\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
		}, machine},
		"a group may have more than the machine": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "1099511627776\n",
		}, machine},
		"what is not understood": {map[string]string{
			"proc/meminfo": "MemTotal: many kB\n", "proc/self/cgroup": "0\nx:y\n0::/../..\n", "sys/fs/cgroup/memory.max": "-5\n",
		}, unknownMachineBytes},
		"nothing for a group": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "0\n",
		}, machine},
	} {
		t.Run(name, func(t *testing.T) {
			root := fstest.MapFS{}
			for path, text := range c.files {
				root[path] = &fstest.MapFile{Data: []byte(text)}
			}
			require.Equal(t, c.want, linuxBytes(root))
		})
	}
}

func TestDefaultIsAtLeastAQuarterGibibyte(t *testing.T) {
	require.GreaterOrEqual(t, DefaultLakeBytes(), int64(256<<20))
	require.Equal(t, DefaultLakeBytes(), NewLakePool(0).LimitBytes())
	require.EqualValues(t, 1000, NewLakePool(1000).LimitBytes())
}
