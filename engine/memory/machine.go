package memory

import (
	"io/fs"
	"math"
	"path"
	"strconv"
	"strings"
)

const (
	minLakeBytes = 256 << 20
	// unknownMachineBytes is assumed for a machine whose memory is unknown.
	unknownMachineBytes = 3 << 29
)

// DefaultLakeBytes is what the queries of a lake may hold together if nothing else
// is set: half of the memory that the machine, or the control group of this
// process, has, but at least 256 MiB.
func DefaultLakeBytes() int64 { return max(minLakeBytes, machineBytes()/2) }

// linuxBytes is the memory that a process may use: the machine's, or less if a limit of its control group or one
// above is lower. root is the file system's root. What cannot be read or understood limits nothing.
func linuxBytes(root fs.FS) int64 {
	least := int64(math.MaxInt64)
	limit := func(bytes int64, ok bool) {
		if ok && bytes > 0 {
			least = min(least, bytes)
		}
	}
	limit(totalBytes(root))
	groups, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		groups = nil
	}
	for line := range strings.Lines(string(groups)) {
		// hierarchy:controllers:path; version 2 has hierarchy 0 and no controllers.
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) < 3 {
			continue
		}
		switch {
		case parts[0] == "0" && parts[1] == "":
			limit(groupBytes(root, "sys/fs/cgroup", parts[2], "memory.max"))
		case hasController(parts[1], "memory"):
			limit(groupBytes(root, "sys/fs/cgroup/memory", parts[2], "memory.limit_in_bytes"))
		}
	}
	if least == math.MaxInt64 {
		return unknownMachineBytes
	}
	return least
}

func hasController(list, name string) bool {
	for controller := range strings.SplitSeq(list, ",") {
		if controller == name {
			return true
		}
	}
	return false
}

// groupBytes returns the least limit of a control group and those above it. In a container the path may be the
// host's, and only its end, or nothing, is mounted. The group at the mount is then the container's own.
func groupBytes(root fs.FS, mount, group, file string) (least int64, ok bool) {
	for folder := path.Join("/", group); ; folder = path.Dir(folder) {
		text, err := fs.ReadFile(root, path.Join(mount, folder, file))
		if err == nil {
			// "max" of version 2 is no number; version 1 has one larger than any machine.
			if bytes, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && bytes > 0 && (!ok || bytes < least) {
				least, ok = bytes, true
			}
		}
		if folder == "/" {
			return least, ok
		}
	}
}

// totalBytes is the machine's memory.
func totalBytes(root fs.FS) (bytes int64, ok bool) {
	text, err := fs.ReadFile(root, "proc/meminfo")
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) == 3 && fields[0] == "MemTotal:" && fields[2] == "kB" {
			kibibytes, err := strconv.ParseInt(fields[1], 10, 64)
			return kibibytes << 10, err == nil && kibibytes < math.MaxInt64>>10
		}
	}
	return 0, false
}
