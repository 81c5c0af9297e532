package shell

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"time"
)

// watchInterval is the time between two runs of a watched statement.
const watchInterval = 2 * time.Second

// watch runs the last statement repeatedly until it fails, is interrupted, or has run as often as the argument
// says.
func (s *Shell) watch(ctx context.Context, argument string) {
	every, times, err := watchArguments(argument)
	switch {
	case err != nil:
		s.fail("%v", err)
		return
	case s.latest == "":
		s.fail(`there is no statement to watch yet`)
		return
	case times == 0 && !s.interactive:
		s.fail(`\watch needs a terminal, or a number of times: \watch SECONDS TIMES`)
		return
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	defer func(paged bool) { s.paged = paged }(s.paged)
	s.paged = false
	for run := 1; ; run++ {
		fmt.Fprintf(s.options.Err, "every %s, %s\n", every, time.Now().Format(time.DateTime))
		if s.statement(ctx, s.latest); s.code != 0 || run == times {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(every):
		}
	}
}

// watchArguments reads SECONDS and TIMES, 0 for no end.
func watchArguments(argument string) (every time.Duration, times int, err error) {
	fields := strings.Fields(argument)
	every = watchInterval
	if len(fields) > 0 {
		seconds, err := strconv.ParseFloat(fields[0], 64)
		if err != nil || !(seconds >= 0 && seconds <= (24*time.Hour).Seconds()) {
			return 0, 0, fmt.Errorf(`\watch needs seconds, up to a day, not %q`, fields[0])
		}
		every = time.Duration(seconds * float64(time.Second))
	}
	if len(fields) > 1 {
		if times, err = strconv.Atoi(fields[1]); err != nil || times < 1 {
			return 0, 0, fmt.Errorf(`\watch needs a number of times, not %q`, fields[1])
		}
	}
	if len(fields) > 2 {
		return 0, 0, fmt.Errorf(`\watch accepts only SECONDS and TIMES`)
	}
	return every, times, nil
}
