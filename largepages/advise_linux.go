package largepages

import "syscall"

// advise asks for large pages under a range of addresses. A refusal changes nothing, so it is not looked at.
func advise(begin, bytes uintptr) {
	_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, begin, bytes, syscall.MADV_HUGEPAGE)
}
