package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/server/awsapi/policy"
)

func (p *program) keysCommand() *cobra.Command {
	return group("keys", "Create, list and revoke access keys for the server",
		p.keysCreateCommand(), p.keysListCommand(), p.keysShowCommand(), p.keysRevokeCommand(), p.keysReopenCommand())
}

// keyFlags are the flags of keys create.
type keyFlags struct {
	options                    engine.KeyOptions
	policies                   []string
	expires, session           string
	bytesPerQuery, bytesPerDay string
}

func (p *program) keysCreateCommand() *cobra.Command {
	var f keyFlags
	cmd := &cobra.Command{
		Use: "create", Short: "Create an access key", Args: usage(cobra.NoArgs),
		Long: "Creates an access key. Its secret is printed once on standard output, as shell export lines.\n\n" +
			"A key has the permissions of its policies, and those that policies of stores and channels grant\n" +
			"its principal. Without --policy it has only the latter.\n\n" +
			"From the first key on, every client must sign in with a key: Trino clients without one are\n" +
			"refused.",
		Example: "  eval \"$(auditlake keys create --policy AWSCloudTrail_FullAccess)\"\n" +
			"  auditlake keys create --principal arn:aws:iam::123456789012:user/alice --policy alice.json --max-bytes-per-day 50GB\n" +
			"  auditlake keys create --session 12h --policy AWSCloudTrail_ReadOnlyAccess",
		RunE: func(cmd *cobra.Command, _ []string) error {
			options, err := p.keyOptions(f)
			if err != nil {
				return err
			}
			return p.withLake(cmd.Context(), true, func(lake *engine.Lake) error {
				wasClosed, err := lake.Keys().HasFurther()
				if err != nil {
					return err
				}
				key, secrets, err := lake.Keys().Create(cmd.Context(), options)
				if err != nil {
					return err
				}
				if err := p.printSecrets(key, secrets); err != nil || wasClosed {
					return err
				}
				return p.printClosed()
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.options.AccountID, "account", "", "12-digit account id (default: the principal's account, otherwise the lake's)")
	flags.StringVar(&f.options.Principal, "principal", "", "ARN of the key's owner (default: an IAM user of the account, named after the key id)")
	flags.StringArrayVar(&f.policies, "policy", nil, "policy file, or "+strings.Join(policy.ManagedNames(), " or ")+"; repeatable")
	flags.StringVar(&f.expires, "expires", "", "when the key expires: a time (2026-12-31), or from now (90d)")
	flags.StringVar(&f.session, "session", "", "create temporary credentials with a session token, valid for this time (15m to 36h)")
	flags.StringVar(&f.bytesPerQuery, "max-bytes-per-query", "", "maximum bytes that one query with this key may scan, such as 10GB")
	flags.StringVar(&f.bytesPerDay, "max-bytes-per-day", "", "maximum bytes that all queries with this key may scan in one UTC day")
	return cmd
}

// keyOptions reads the flags of keys create, and the files that they name.
func (p *program) keyOptions(f keyFlags) (engine.KeyOptions, error) {
	options := f.options
	for _, name := range f.policies {
		read, err := p.readPolicy(name)
		if err != nil {
			return options, err
		}
		options.Policies = append(options.Policies, read)
	}
	var err error
	if f.expires != "" {
		if options.ExpiresAt, err = parseUntil(f.expires, time.Now()); err != nil {
			return options, err
		}
	}
	if f.session != "" {
		if options.Session, err = parseLasting(f.session); err != nil {
			return options, err
		}
	}
	for _, limit := range []struct {
		flag, text string
		to         *int64
	}{{"--max-bytes-per-query", f.bytesPerQuery, &options.MaxBytesPerQuery}, {"--max-bytes-per-day", f.bytesPerDay, &options.MaxBytesPerDay}} {
		if limit.text == "" {
			continue
		}
		if *limit.to, err = parseBytes(limit.text); err != nil {
			return options, err
		}
		if *limit.to == 0 {
			return options, usageError{fmt.Errorf("%s must be more than 0; omit the flag for no limit", limit.flag)}
		}
	}
	return options, nil
}

// readPolicy reads the policy of a name inside the program, or of a file.
func (p *program) readPolicy(name string) (engine.KeyPolicy, error) {
	if document, isManaged := policy.Managed(name); isManaged {
		return engine.KeyPolicy{Name: name, Document: document}, nil
	}
	text, err := p.readFile(name)
	if err != nil {
		return engine.KeyPolicy{}, usageError{fmt.Errorf("--policy %s must be a readable file or one of %s: %w",
			name, strings.Join(policy.ManagedNames(), ", "), err)}
	}
	if _, err := policy.ParseIdentity(string(text)); err != nil {
		return engine.KeyPolicy{}, usageError{fmt.Errorf("--policy %s: %w", name, err)}
	}
	return engine.KeyPolicy{Name: filepath.Base(name), Document: string(text)}, nil
}

// printSecrets writes the lines that put a new key into a shell's environment on standard output, and all else beside
// it.
func (p *program) printSecrets(key *engine.Key, secrets engine.KeySecrets) error {
	lines := fmt.Sprintf("export AWS_ACCESS_KEY_ID=%s\nexport AWS_SECRET_ACCESS_KEY=%s\n", key.ID, secrets.Secret)
	if secrets.Token != "" {
		lines += fmt.Sprintf("export AWS_SESSION_TOKEN=%s\n", secrets.Token)
	}
	if _, err := fmt.Fprint(p.out, lines); err != nil {
		return err
	}
	fmt.Fprintf(p.err, "created access key %s of %s", key.ID, key.Principal)
	if !key.ExpiresAt.IsZero() {
		fmt.Fprintf(p.err, ", until %s", key.ExpiresAt.Format(time.RFC3339))
	}
	fmt.Fprintln(p.err, "; its secret is not shown again")
	if len(key.Policies) == 0 {
		fmt.Fprintln(p.err, "the key has no policy: it has only the permissions that policies of stores and channels grant its principal")
	}
	return nil
}

func (p *program) keysListCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List access keys, newest first", Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				keys, err := lake.Keys().List(cmd.Context())
				if err != nil {
					return err
				}
				rows := [][]string{{"id", "state", "principal", "policies", "created", "expires", "per query", "per day"}}
				for _, k := range keys {
					rows = append(rows, []string{k.ID, k.State(time.Now()), k.Principal, policyNames(k), k.CreatedAt.Format(time.RFC3339),
						instantOr(k.ExpiresAt, "never"), bytesOr(k.MaxBytesPerQuery, "any"), bytesOr(k.MaxBytesPerDay, "any")})
				}
				return printColumns(p.out, rows)
			})
		},
	}
}

func policyNames(k *engine.Key) string {
	if k.IsRoot {
		return "(everything)"
	}
	var names []string
	for _, p := range k.Policies {
		names = append(names, p.Name)
	}
	if names == nil {
		return "(none)"
	}
	return strings.Join(names, ", ")
}

func instantOr(at time.Time, none string) string {
	if at.IsZero() {
		return none
	}
	return at.Format(time.RFC3339)
}

func bytesOr(n int64, none string) string {
	if n == 0 {
		return none
	}
	return humanBytes(n)
}

func (p *program) keysShowCommand() *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Show an access key and its policies", Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				k, err := lake.Keys().Show(args[0])
				if err != nil {
					return err
				}
				rows := [][]string{
					{"id", k.ID}, {"state", k.State(time.Now())}, {"account", k.AccountID}, {"principal", k.Principal}, {"policies", policyNames(k)},
					{"created", k.CreatedAt.Format(time.RFC3339)}, {"expires", instantOr(k.ExpiresAt, "never")},
					{"max bytes per query", bytesOr(k.MaxBytesPerQuery, "any")}, {"max bytes per day", bytesOr(k.MaxBytesPerDay, "any")},
				}
				if !k.RevokedAt.IsZero() {
					rows = append(rows, []string{"revoked", k.RevokedAt.Format(time.RFC3339)})
				}
				if err := printColumns(p.out, rows); err != nil {
					return err
				}
				return p.printPolicies(k)
			})
		},
	}
}

// printPolicies writes the documents of a key's policies.
func (p *program) printPolicies(k *engine.Key) error {
	for _, document := range k.Policies {
		fmt.Fprintf(p.out, "\n%s\n", answer.Printable(document.Name))
		for line := range strings.Lines(document.Document) {
			if _, err := fmt.Fprintln(p.out, answer.Printable(strings.TrimRight(line, "\r\n"))); err != nil {
				return err
			}
		}
	}
	return nil
}
