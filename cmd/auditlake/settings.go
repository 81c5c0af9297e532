package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
)

// settings are the defaults of query and the shell for flags that are not given. The environment's come before
// those of the file auditlake/config.toml in the user's configuration folder. "" means not set.
type settings struct {
	Stats    string `toml:"stats"`
	Format   string `toml:"format"`
	Pager    string `toml:"pager"` // of the shell; off: none
	TimeZone string `toml:"time_zone"`
}

// settingNames are the keys of the file.
const settingNames = "format, pager, stats and time_zone"

// maxSettingsBytes is far more than the settings take.
const maxSettingsBytes = 64 << 10

// readSettings reads the file and the environment.
func readSettings() (*settings, error) {
	s, path := &settings{}, userFile("XDG_CONFIG_HOME", ".config", "config.toml")
	if path != "" {
		text, err := os.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, usageError{fmt.Errorf("settings: %w", err)}
		case len(text) > maxSettingsBytes:
			return nil, usageError{fmt.Errorf("settings: %s has more than %s", path, humanBytes(maxSettingsBytes))}
		default:
			if err := s.parse(text, path); err != nil {
				return nil, usageError{err}
			}
		}
	}
	for _, v := range []struct {
		name  string
		value *string
	}{{"AUDITLAKE_STATS", &s.Stats}, {"AUDITLAKE_FORMAT", &s.Format}, {"AUDITLAKE_PAGER", &s.Pager}, {"AUDITLAKE_TIME_ZONE", &s.TimeZone}} {
		text := os.Getenv(v.name)
		if text == "" {
			continue
		}
		*v.value = text
		if key, err := s.check(); err != nil {
			return nil, usageError{fmt.Errorf("%s: %s %w", v.name, key, err)}
		}
	}
	return s, nil
}

// parse reads a settings file. Errors name its line.
func (s *settings) parse(text []byte, path string) error {
	err := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(s)
	var unknown *toml.StrictMissingError
	var wrong *toml.DecodeError
	switch {
	case errors.As(err, &unknown) && len(unknown.Errors) > 0:
		line, _ := unknown.Errors[0].Position()
		return fmt.Errorf("%s: line %d: unknown setting %s; the settings are %s",
			path, line, strings.Join(unknown.Errors[0].Key(), "."), settingNames)
	case errors.As(err, &wrong):
		line, _ := wrong.Position()
		return fmt.Errorf("%s: line %d: %w", path, line, err)
	case err != nil:
		return fmt.Errorf("%s: %w", path, err)
	}
	if key, err := s.check(); err != nil {
		return fmt.Errorf("%s: line %d: %s %w", path, lineOfKey(text, key), key, err)
	}
	return nil
}

// lineOfKey is the line of a settings file that sets a key.
func lineOfKey(text []byte, key string) int {
	lines := strings.Split(string(text), "\n")
	return 1 + slices.IndexFunc(lines, func(line string) bool {
		name, _, found := strings.Cut(line, "=")
		return found && strings.Trim(strings.TrimSpace(name), `"'`) == key
	})
}

// check returns the first setting with an invalid value.
func (s *settings) check() (key string, err error) {
	if s.Stats != "" && !slices.Contains(statsParts, s.Stats) {
		return "stats", fmt.Errorf("must be %s, not %q", strings.Join(statsParts, ", "), s.Stats)
	}
	if s.Format != "" {
		if err := answer.CheckFormat(s.Format); err != nil {
			return "format", fmt.Errorf("is an %w", err)
		}
		if slices.Contains(binaryFormats, s.Format) {
			return "format", fmt.Errorf("must be a format for terminals, not %s; pass --format %[1]s where you need it",
				s.Format)
		}
	}
	if s.TimeZone != "" {
		var state engine.SessionState
		if _, err := state.Interpret("SET TIME ZONE '" + strings.ReplaceAll(s.TimeZone, "'", "''") + "'"); err != nil {
			return "time_zone", fmt.Errorf("must be a time zone such as Europe/Berlin: %w", err)
		}
	}
	return "", nil
}

// timeZoneProperty is the session's time zone.
const timeZoneProperty = "time_zone_id"

// apply sets the flags of query that the command line does not give.
func (s *settings) apply(cmd *cobra.Command, f *queryFlags) {
	if !cmd.Flags().Changed("stats") {
		f.stats = cmp.Or(s.Stats, f.stats)
	}
	if !cmd.Flags().Changed("format") && !f.safeCSV {
		f.format = cmp.Or(s.Format, f.format)
	}
	isZoned := slices.ContainsFunc(f.session, func(p string) bool { return strings.HasPrefix(p, timeZoneProperty+"=") })
	if s.TimeZone != "" && !isZoned {
		f.session = append(f.session, timeZoneProperty+"="+s.TimeZone)
	}
}
