package memory

import "os"

func machineBytes() int64 { return linuxBytes(os.DirFS("/")) }
