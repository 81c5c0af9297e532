package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/auditlake/auditlake/cmd/auditlake/attach"
	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/remote"
	"github.com/auditlake/auditlake/engine/socket"
	"github.com/auditlake/auditlake/server/local"
)

// Statements do not travel as command lines: a process that cannot have the lake asks
// the one that holds it over the same socket, and prints the answer itself.

// ask runs work on the lake, or on its holder. If the holder ends before work has printed anything, work reports
// socket.ErrHolderEnded and is called again.
func (p *program) ask(ctx context.Context, work func(remote.Asked) error) error {
	if p.held != nil {
		return p.withHeld(func(lake *engine.Lake) error { return work(remote.Local(lake)) })
	}
	if p.asking != nil {
		return p.asking.ask(ctx, work)
	}
	a := &asking{program: p}
	err := a.ask(ctx, work)
	return errors.Join(err, a.end(ctx))
}

// asking holds the lake, or a connection to its holder, from the first statement to end.
type asking struct {
	program *program
	asked   remote.Asked // nil before, and after the holder has ended
	held    *holding     // nil: asked is another process's
}

func (a *asking) ask(ctx context.Context, work func(remote.Asked) error) error {
	for {
		if a.asked == nil {
			if err := a.acquire(ctx); err != nil {
				return err
			}
		}
		err := work(a.asked)
		if a.held != nil || !errors.Is(err, socket.ErrHolderEnded) && !errors.Is(err, socket.ErrNoHolder) {
			return err
		}
		_ = a.asked.Close() // nothing is left of it
		a.asked = nil
		fmt.Fprintln(a.program.err, "the process that held the lake has ended; trying again")
	}
}

// acquire takes the lake, or connects to the process that holds it.
func (a *asking) acquire(ctx context.Context) error {
	p := a.program
	prices, err := p.prices()
	if err != nil {
		return err
	}
	dir, err := p.lakePath()
	if err != nil {
		return err
	}
	for w := p.newWaiting(); ; {
		lake, err := p.open(ctx, false)
		if err == nil {
			a.asked, a.held = remote.Local(lake), p.beginHolding(lake)
			return nil
		}
		if !errors.Is(err, engine.ErrLocked) {
			return err
		}
		other, err := p.dialHolder(ctx, dir, prices)
		switch {
		case err == nil:
			a.asked = other
			p.warnOfHolder()
			return nil
		case !errors.Is(err, socket.ErrNoHolder) && !errors.Is(err, socket.ErrHolderBusy) && !errors.Is(err, socket.ErrHolderEnded):
			return err
		}
		if err := w.wait(ctx, err); err != nil {
			return err
		}
	}
}

// dialHolder connects to the process that holds the lake, and says so if that takes its time.
func (p *program) dialHolder(ctx context.Context, dir string, prices *engine.Prices) (*remote.Lake, error) {
	defer attach.AfterWait(p.sayWaiting)()
	return remote.Dial(ctx, dir, remote.Options{Prices: prices, Patience: p.patience})
}

func (p *program) sayWaiting() {
	fmt.Fprintf(p.err, "the process that holds the lake does not answer; waiting up to %s\n", p.patience)
}

// end gives the lake away, or hangs up.
func (a *asking) end(ctx context.Context) error {
	switch {
	case a.held != nil:
		return a.held.end(ctx)
	case a.asked != nil:
		return a.asked.Close()
	}
	return nil
}

// holding is the lake of this process, which serves others meanwhile.
type holding struct {
	program *program
	lake    *engine.Lake
	door    *local.Door
	holder  *attach.Holder // nil: other processes are not served
}

func (p *program) beginHolding(lake *engine.Lake) *holding {
	p.input.stopRecording()
	p.warn(lake.Warnings())
	h := &holding{program: p, lake: lake}
	if lake.IsReadOnly() {
		return h // others can read it at the same time
	}
	h.door = local.New(lake)
	var err error
	if h.holder, err = attach.Listen(lake.Dir(), p.executeFor(lake), h.door, p.background.Log); err != nil {
		fmt.Fprintf(p.err, "warning: other processes must wait until this one ends: %v\n", err)
		return h
	}
	p.warn(h.holder.Warnings())
	return h
}

// end waits for others' commands as attach.Holder.End does, and closes the lake.
func (h *holding) end(ctx context.Context) error {
	if h.holder != nil {
		h.holder.End(ctx, func(commands int) {
			fmt.Fprintf(h.program.err, "done; still running %s for other processes (press Ctrl-C to stop)\n",
				plural(int64(commands), "command"))
		})
	}
	if h.door != nil {
		h.door.Close()
	}
	return h.program.closed(h.lake.Close())
}

// closed is the error of a lake that was closed. A history that could not be written is no reason to call an answer
// that was printed, or a change that was made, a failure.
func (p *program) closed(err error) error {
	var lost *engine.HistoryError
	if lost, _ = err.(*engine.HistoryError); lost == nil {
		return err
	}
	text := lost.Err.Error()
	if engine.IsDiskFull(lost) {
		text += "; free disk space, or pass --read-only, which records nothing"
	}
	p.warn([]string{"could not record this command, so `queries list` does not show it: " + text})
	return nil
}
