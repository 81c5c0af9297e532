package largepages

import "syscall"

// advise asks the system for large pages for a range of addresses. A refusal changes nothing, so the result is
// ignored.
func advise(begin, bytes uintptr) {
	_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, begin, bytes, syscall.MADV_HUGEPAGE)
}
