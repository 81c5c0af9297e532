// Package orcpb holds the protobuf messages of ORC's metadata, generated from the public definition
// of the Apache ORC format (orc_proto.proto, Apache-2.0, copied unchanged).
package orcpb

//go:generate protoc --go_out=. --go_opt=paths=source_relative --go_opt=Morc_proto.proto=github.com/auditlake/auditlake/storage/orc/internal/orcpb orc_proto.proto
