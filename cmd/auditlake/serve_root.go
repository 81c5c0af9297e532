package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/auditlake/auditlake/engine"
)

// The environment variables that set the root key.
const (
	rootIDVariable     = "AUDITLAKE_ROOT_ACCESS_KEY_ID"
	rootSecretVariable = "AUDITLAKE_ROOT_SECRET_ACCESS_KEY"
)

// rootKey makes sure that the lake has a root key, and returns a function that prints the key. A new key's secret
// is printed if standard output is a terminal, and otherwise written to a file that only the lake's owner can read.
func (p *program) rootKey(ctx context.Context, lake *engine.Lake) (printTo func(io.Writer), err error) {
	id, secret := os.Getenv(rootIDVariable), os.Getenv(rootSecretVariable)
	switch {
	case (id == "") != (secret == ""):
		return nil, usageError{fmt.Errorf("set both %s and %s, or neither", rootIDVariable, rootSecretVariable)}
	case id != "":
		if err := lake.Keys().GiveRoot(id, secret); err != nil {
			return nil, fmt.Errorf("%s and %s: %w", rootIDVariable, rootSecretVariable, err)
		}
		return func(out io.Writer) { fmt.Fprintf(out, "\n  root key    %s, from the environment\n", id) }, nil
	}
	var made *engine.Credential
	where := ""
	root, err := lake.Keys().MakeRoot(ctx, func(c *engine.Credential) error {
		made = c
		if terminal(p.out) {
			return nil
		}
		where, err = lake.Keys().WriteRootCredentials(c)
		return err
	})
	switch {
	case err != nil && lake.IsReadOnly():
		return func(io.Writer) {}, nil
	case err != nil:
		return nil, fmt.Errorf("root key: %w", err)
	case made == nil:
		if _, err := lake.Keys().Find(root.ID); err != nil {
			p.warn([]string{err.Error()})
		}
		return func(out io.Writer) { fmt.Fprintf(out, "\n  root key    %s\n", root.ID) }, nil
	case where != "":
		return func(out io.Writer) { fmt.Fprintf(out, "\n  root key    %s, its secret is in %s\n", root.ID, where) }, nil
	}
	return func(out io.Writer) {
		fmt.Fprintf(out, "\n  root key, shown only once:\n    export AWS_ACCESS_KEY_ID=%s\n    export AWS_SECRET_ACCESS_KEY=%s\n", made.ID, made.Secret)
	}, nil
}

// rootFile returns the file to which a server has written its root key, "" if there is none. Another root key may
// have replaced that one since, so the file must name a key that works.
func rootFile(lake *engine.Lake) string {
	path := filepath.Join(lake.Dir(), engine.RootCredentialsFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	_, rest, _ := strings.Cut(string(text), "aws_access_key_id = ")
	id, _, _ := strings.Cut(rest, "\n")
	if key, err := lake.Keys().Find(id); err != nil || !key.IsRoot {
		return ""
	}
	return path
}
