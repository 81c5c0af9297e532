//go:build !unix

package main

var userUmask = -1

func setUmask() {}
