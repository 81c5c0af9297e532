package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/auditlake/auditlake/engine"
)

func (p *program) storeCommand() *cobra.Command {
	return group("store", "Create, show and change event data stores",
		p.storeCreateCommand(), p.storeListCommand(), p.storeShowCommand(), p.storeFilesCommand(), p.storeTrinoCommand(), p.storeUpdateCommand(),
		p.storeTagCommand(), p.storeUntagCommand(), p.storeDeleteCommand(), p.storeRestoreCommand(),
		p.storeIngestionCommand("stop", "it accepts no pushed events until you start it",
			(*engine.Stores).StopIngestion),
		p.storeIngestionCommand("start", "it accepts pushed events", (*engine.Stores).StartIngestion))
}

// storeFlags are the flags create and update share.
type storeFlags struct {
	retention, billing, selectors string
	protect, noProtect            bool
	multiRegion, singleRegion     bool
	organization, noOrganization  bool
}

func (f *storeFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.retention, "retention", "", "how long to keep events, such as 366d (7d to 36500d), or forever")
	cmd.Flags().StringVar(&f.billing, "billing", "", "billing mode: extendable or fixed retention")
	cmd.Flags().StringVar(&f.selectors, "selectors", "", "file with advanced event selectors (JSON)")
	cmd.Flags().BoolVar(&f.protect, "termination-protection", false, "refuse to delete the store (default for new stores)")
	cmd.Flags().BoolVar(&f.noProtect, "no-termination-protection", false, "allow deletion")
	cmd.MarkFlagsMutuallyExclusive("termination-protection", "no-termination-protection")
	cmd.Flags().BoolVar(&f.multiRegion, "multi-region", false, "record events of all regions (default for new stores)")
	cmd.Flags().BoolVar(&f.singleRegion, "single-region", false, "record events of this region only")
	cmd.MarkFlagsMutuallyExclusive("multi-region", "single-region")
	cmd.Flags().BoolVar(&f.organization, "organization", false, "record events of all accounts of the organization")
	cmd.Flags().BoolVar(&f.noOrganization, "no-organization", false, "record events of this account only (default for new stores)")
	cmd.MarkFlagsMutuallyExclusive("organization", "no-organization")
}

func (f *storeFlags) retentionDays() (int, error) {
	if f.retention == "" {
		return 0, nil
	}
	if f.retention == "forever" {
		return engine.ForeverRetentionDays, nil
	}
	return parseDays(f.retention)
}

// retentionText writes a retention as --retention takes it.
func retentionText(days int) string {
	if days == engine.ForeverRetentionDays {
		return "forever"
	}
	return fmt.Sprintf("%d days", days)
}

func (f *storeFlags) billingMode() (engine.BillingMode, error) {
	switch f.billing {
	case "":
		return "", nil
	case "extendable":
		return engine.ExtendableRetention, nil
	case "fixed":
		return engine.FixedRetention, nil
	}
	return "", usageError{fmt.Errorf("--billing must be extendable or fixed, not %q", f.billing)}
}

// choice is what one of two opposite flags says, nil if neither was given.
func choice(yes, no bool) *bool {
	if !yes && !no {
		return nil
	}
	return &yes
}

func (f *storeFlags) readSelectors(p *program) ([]engine.Selector, error) {
	if f.selectors == "" {
		return nil, nil
	}
	text, err := p.readFile(f.selectors)
	if err != nil {
		return nil, err
	}
	out, err := parseSelectors(text)
	if err != nil {
		return nil, fmt.Errorf("selectors in %s: %w", f.selectors, err)
	}
	return out, nil
}

func (p *program) storeCreateCommand() *cobra.Command {
	var flags storeFlags
	var category, dedupe, eventJSON string
	var tags []string
	cmd := &cobra.Command{
		Use: "create NAME", Short: "Create an event data store", Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			options := engine.StoreOptions{Name: args[0], Category: category, TerminationProtected: choice(flags.protect, flags.noProtect),
				SingleRegion: flags.singleRegion, Organization: flags.organization}
			var err error
			if options.RetentionDays, err = flags.retentionDays(); err != nil {
				return err
			}
			if options.BillingMode, err = flags.billingMode(); err != nil {
				return err
			}
			if options.Selectors, err = flags.readSelectors(p); err != nil {
				return err
			}
			if options.Tags, err = parseTags(tags); err != nil {
				return err
			}
			if dedupe != "" && dedupe != dedupeEventID {
				return usageError{fmt.Errorf("--dedupe must be eventid, not %q", dedupe)}
			}
			options.DedupeEventID = dedupe != ""
			if options.EventJSON, err = eventJSONForm(eventJSON); err != nil {
				return err
			}
			return p.withLake(cmd.Context(), true, func(lake *engine.Lake) error {
				store, err := lake.Stores().Create(cmd.Context(), options)
				if err != nil {
					return err
				}
				return p.showStore(cmd.Context(), lake, store)
			})
		},
	}
	flags.register(cmd)
	cmd.Flags().StringVar(&category, "category", "", "event category: Management, Data, … (default: from the selectors, otherwise Management)")
	cmd.Flags().StringVar(&dedupe, "dedupe", "", "eventid: drop duplicates, which have the same day, eventID, recipientAccountId and bytes as a stored event")
	cmd.Flags().StringVar(&eventJSON, "eventjson", "text", "how to keep eventjson: text, or rebuilt (60 % smaller, but unreadable for other ORC readers)")
	cmd.Flags().StringArrayVar(&tags, "tag", nil, "tag as key=value, or key; repeatable")
	return cmd
}

// dedupeEventID is the value of --dedupe by which events are compared.
const dedupeEventID = "eventid"

// dedupeChoice is what --dedupe of an update says, nil if it was not given.
func dedupeChoice(flag string) (*bool, error) {
	yes := flag == dedupeEventID
	switch flag {
	case "":
		return nil, nil
	case dedupeEventID, "none":
		return &yes, nil
	}
	return nil, usageError{fmt.Errorf("--dedupe must be eventid or none, not %q", flag)}
}

func eventJSONForm(flag string) (engine.EventJSONForm, error) {
	switch flag {
	case "text":
		return engine.EventJSONText, nil
	case "rebuilt":
		return engine.EventJSONRebuilt, nil
	}
	return "", usageError{fmt.Errorf("--eventjson must be text or rebuilt, not %q", flag)}
}

func parseTags(texts []string) ([]engine.Tag, error) {
	var out []engine.Tag
	for _, text := range texts {
		key, value, hasValue := strings.Cut(text, "=")
		if key == "" {
			return nil, usageError{fmt.Errorf("a tag must be key=value or key, not %q", text)}
		}
		tag := engine.Tag{Key: key}
		if hasValue {
			tag.Value = &value
		}
		out = append(out, tag)
	}
	return out, nil
}

func (p *program) storeListCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the stores", Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				stores, err := lake.Stores().List(cmd.Context())
				if err != nil {
					return err
				}
				rows := [][]string{{"name", "id", "category", "status", "retention", "events", "stored"}}
				for _, s := range stores {
					d, err := lake.Stores().Describe(cmd.Context(), s.ID)
					if err != nil {
						return err
					}
					rows = append(rows, []string{s.Name, s.ID, s.Category, string(s.Status), retentionText(s.RetentionDays),
						grouped(d.Events), humanBytes(d.StoredBytes)})
				}
				return printColumns(p.out, rows)
			})
		},
	}
}

func (p *program) storeShowCommand() *cobra.Command {
	return &cobra.Command{
		Use: "show [NAME]", Short: "Show one store", Args: usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				store, err := lake.Stores().Get(cmd.Context(), first(args))
				if err != nil {
					return err
				}
				return p.showStore(cmd.Context(), lake, store)
			})
		},
	}
}

func (p *program) storeUpdateCommand() *cobra.Command {
	var flags storeFlags
	var name, dedupe string
	var yes bool
	cmd := &cobra.Command{
		Use: "update NAME", Short: "Change the settings of a store", Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			update := engine.StoreUpdate{Name: name, TerminationProtected: choice(flags.protect, flags.noProtect),
				MultiRegion: choice(flags.multiRegion, flags.singleRegion), Organization: choice(flags.organization, flags.noOrganization)}
			var err error
			if update.RetentionDays, err = flags.retentionDays(); err != nil {
				return err
			}
			if update.BillingMode, err = flags.billingMode(); err != nil {
				return err
			}
			if update.Selectors, err = flags.readSelectors(p); err != nil {
				return err
			}
			if update.DedupeEventID, err = dedupeChoice(dedupe); err != nil {
				return err
			}
			given := false
			// Local flags are those of this command alone.
			cmd.LocalFlags().VisitAll(func(f *pflag.Flag) { given = given || f.Changed && f.Name != "yes" })
			if !given {
				return usageError{fmt.Errorf("nothing to change; pass at least one flag")}
			}
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				if err := p.confirmRetention(cmd.Context(), lake, args[0], update.RetentionDays, yes); err != nil {
					return err
				}
				store, err := lake.Stores().Update(cmd.Context(), args[0], update)
				if err != nil {
					return err
				}
				return p.showStore(cmd.Context(), lake, store)
			})
		},
	}
	flags.register(cmd)
	cmd.Flags().StringVar(&name, "name", "", "new name of the store")
	cmd.Flags().StringVar(&dedupe, "dedupe", "", "eventid: drop duplicates at import, and existing ones at the next compaction; none: keep them")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask before a shorter --retention deletes events")
	return cmd
}

func (p *program) storeDeleteCommand() *cobra.Command {
	return &cobra.Command{
		Use: "delete NAME", Short: "Delete a store; it can be restored for 7 days", Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				s, err := lake.Stores().Get(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				err = lake.Stores().Delete(cmd.Context(), s.ID)
				if errors.Is(err, engine.ErrTerminationProtect) {
					err = fmt.Errorf("%w; to turn it off: auditlake store update %s --no-termination-protection",
						err, args[0])
				}
				if err != nil {
					return err
				}
				if s, err = lake.Stores().Get(cmd.Context(), s.ID); err != nil {
					return err
				}
				_, err = fmt.Fprintf(p.out, "deleted store %s; it can be restored until %s with auditlake store restore %s\n",
					s.Name, restorableUntil(s), s.ID)
				return err
			})
		},
	}
}

func (p *program) storeRestoreCommand() *cobra.Command {
	return &cobra.Command{
		Use: "restore NAME", Short: "Restore a deleted store within 7 days", Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				store, err := lake.Stores().Restore(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				return p.showStore(cmd.Context(), lake, store)
			})
		},
	}
}

func (p *program) storeIngestionCommand(verb, done string, act func(*engine.Stores, context.Context, string) error) *cobra.Command {
	return &cobra.Command{
		Use: verb + " NAME", Short: strings.ToUpper(verb[:1]) + verb[1:] + " accepting pushed events", Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				if err := act(lake.Stores(), cmd.Context(), args[0]); err != nil {
					return err
				}
				s, err := lake.Stores().Get(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(p.out, "store %s: %s; %s\n", s.Name, s.Status, done)
				return err
			})
		},
	}
}

// restorableUntil is when a deleted store goes for good.
func restorableUntil(s *engine.Store) string {
	return s.DeletedAt.Add(engine.StoreDeletionWait).UTC().Format(time.RFC3339)
}

func (p *program) showStore(ctx context.Context, lake *engine.Lake, s *engine.Store) error {
	d, err := lake.Stores().Describe(ctx, s.ID)
	if err != nil {
		return err
	}
	protection, events := "off", "all regions"
	if s.TerminationProtected {
		protection = "on"
	}
	if !s.MultiRegion {
		events = s.Region + " only"
	}
	if s.Organization {
		events += ", all accounts of the organization"
	}
	rows := [][]string{
		{"name", s.Name}, {"id", s.ID}, {"arn", s.ARN()}, {"status", string(s.Status)}, {"category", s.Category}, {"scope", events},
		{"billing", string(s.BillingMode)}, {"retention", retentionText(s.RetentionDays)},
		{"termination protection", protection}, {"created", s.CreatedAt.Format(time.RFC3339)}, {"updated", s.UpdatedAt.Format(time.RFC3339)},
		{"events", grouped(d.Events)}, {"stored", fmt.Sprintf("%s in %s of %s", humanBytes(d.StoredBytes), plural(d.Segments, "segment"), plural(d.Days, "day"))},
	}
	if s.Status == engine.StorePendingDeletion {
		rows = append(rows, []string{"restorable", "until " + restorableUntil(s) + ": auditlake store restore " + s.ID})
	}
	if d.Events > 0 {
		rows = append(rows, []string{"event times", d.MinTime.Format(time.RFC3339) + " to " + d.MaxTime.Format(time.RFC3339)})
	}
	if s.DedupeEventID {
		dropped := "dropped (--dedupe eventid)"
		if s.HoldsRepeats {
			dropped += "; the next compaction drops those from before: auditlake compact"
		}
		rows = append(rows, []string{"duplicates", dropped})
	}
	if s.EventJSON == engine.EventJSONRebuilt {
		rows = append(rows, []string{"eventjson", "rebuilt from the other columns; other ORC readers cannot read it"})
	}
	if s.ExpiryHeld {
		rows = append(rows, []string{"expiry", "stopped until you set a retention (store update --retention): the store's settings were lost and rebuilt"})
	}
	for _, tag := range s.Tags {
		value := ""
		if tag.Value != nil {
			value = *tag.Value
		}
		rows = append(rows, []string{"tag " + tag.Key, value})
	}
	aside, err := lake.SetAside(ctx, s.ID)
	if err != nil {
		return err
	}
	for _, file := range aside {
		rows = append(rows, []string{"set aside", describeSetAside(file)})
	}
	chain, err := lake.Chain(ctx)
	if err != nil {
		return err
	}
	rows = append(rows, []string{"chain head", chain.Head}, []string{"chain key", chain.PublicKey})
	return printColumns(p.out, rows)
}

func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}
