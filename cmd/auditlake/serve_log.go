package main

import (
	"fmt"
	"io"
	"log/slog"
)

// logFlags say how serve writes what it reports.
type logFlags struct{ format, level string }

// logger returns a log in the flags' form that writes to out. It drops records below the flags' level and below
// least.
func (f logFlags) logger(out io.Writer, least slog.Level) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(f.level)); err != nil {
		return nil, usageError{fmt.Errorf("--log-level must be debug, info, warn or error, not %q", f.level)}
	}
	options := &slog.HandlerOptions{Level: max(level, least)}
	switch f.format {
	case "text":
		return slog.New(slog.NewTextHandler(out, options)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(out, options)), nil
	}
	return nil, usageError{fmt.Errorf("--log-format must be text or json, not %q", f.format)}
}
