//go:build unix

package main

import "golang.org/x/sys/unix"

// privateUmask keeps what the program makes, the catalog's files among it, to its user.
const privateUmask = 0o077

// userUmask is the umask the program was started with, -1 while it is in force.
// Files that a user names get it; see createOSFile.
var userUmask = -1

// setUmask is called once, before anything is made.
func setUmask() { userUmask = unix.Umask(privateUmask) }
