// Package webtest opens the console in a real browser.
package webtest

import (
	"bufio"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// The program that is tested and the browser that tests it, see .ci/run.
const (
	programVariable = "AUDITLAKE_PROGRAM"
	browserVariable = "AUDITLAKE_BROWSER"
)

// stepTime is how long a browser may take for what a person would wait for.
const stepTime = 20 * time.Second

// served is a server over a lake of samples.
type served struct {
	origin string
	page   string // URL that signs in, once
	lake   string // folder of a demo's lake
}

var pageURL = regexp.MustCompile(`^open in a browser: (http\S+)`)

// serve runs the program until the test ends.
func serve(t *testing.T, arguments ...string) *served {
	program := os.Getenv(programVariable)
	if program == "" {
		t.Skipf("%s names no program", programVariable)
	}
	cmd := exec.Command(program, append([]string{"serve", "--listen", "127.0.0.1:0"}, arguments...)...)
	temporary := t.TempDir()
	cmd.Env = append(os.Environ(), "XDG_DATA_HOME="+t.TempDir(), "TMPDIR="+temporary)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		require.NoError(t, cmd.Process.Signal(os.Interrupt))
		require.NoError(t, cmd.Wait())
	})
	s := &served{}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if found := pageURL.FindStringSubmatch(lines.Text()); found != nil {
			s.page = found[1]
		}
		if strings.Contains(lines.Text(), "stop with Ctrl-C") {
			break
		}
	}
	parsed, err := url.Parse(s.page)
	require.NoError(t, err)
	require.NotEmpty(t, parsed.Host, "the server printed no URL of its page")
	s.origin = parsed.Scheme + "://" + parsed.Host
	if lakes, _ := filepath.Glob(filepath.Join(temporary, "auditlake-demo-*", "lake")); len(lakes) > 0 {
		s.lake = lakes[0]
	}
	return s
}

// browser is a window. What goes wrong in it, as a request to elsewhere or an error of a script, fails the test.
type browser struct {
	*testing.T
	ctx    context.Context
	origin string

	mu       sync.Mutex
	wrong    []string // mu
	expected []string // mu: parts of what may go wrong
}

// typingStyle is the hash of the style that the browser itself gives to what is typed over a selection, until the editor draws it anew.
const typingStyle = "sha256-DJf/MqORCV0KpfhXoUk4rdCaYOYFvPNusTP5Ngk5qv0="

// open opens a window with its own cookies.
func open(t *testing.T, origin string) *browser {
	path := os.Getenv(browserVariable)
	if path == "" {
		t.Skipf("%s names no browser", browserVariable)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(1280, 900))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, _ := chromedp.NewContext(allocator)
	t.Cleanup(func() { _ = chromedp.Cancel(ctx) }) // the browser ends by itself, with its own processes
	b := &browser{T: t, ctx: ctx, origin: origin}
	b.expect(typingStyle)
	chromedp.ListenTarget(ctx, b.noteEvent)
	b.do(network.Enable(), runtime.Enable(), log.Enable())
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		require.Empty(t, b.wrong)
	})
	return b
}

func (b *browser) noteEvent(event any) {
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if u := e.Request.URL; !strings.HasPrefix(u, b.origin+"/") && !strings.HasPrefix(u, "data:") && !strings.HasPrefix(u, "blob:"+b.origin) && u != "about:blank" {
			b.note("a request leaves the origin: " + u)
		}
	case *runtime.EventExceptionThrown:
		b.note("a script failed: " + e.ExceptionDetails.Error())
	case *log.EventEntryAdded:
		if e.Entry.Level == log.LevelError {
			b.note(fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	}
}

func (b *browser) note(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, part := range b.expected {
		if strings.Contains(text, part) {
			return
		}
	}
	b.wrong = append(b.wrong, text)
}

// expect says what may go wrong from now on, because the test makes it go wrong.
func (b *browser) expect(part string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expected = append(b.expected, part)
}

func (b *browser) do(actions ...chromedp.Action) {
	b.Helper()
	ctx, stop := context.WithTimeout(b.ctx, stepTime)
	defer stop()
	if b.ctx.Err() == nil && chromedp.FromContext(b.ctx).Target == nil { // the first call starts the browser, whose life is not the step's
		ctx = b.ctx
	}
	if err := chromedp.Run(ctx, actions...); err != nil {
		b.screenshot("failed")
		b.mu.Lock()
		defer b.mu.Unlock()
		require.NoError(b, err, "meanwhile: %v", b.wrong)
	}
}

// eval returns what an expression of JavaScript is.
func eval[T any](b *browser, expression string) (value T) {
	b.Helper()
	b.do(chromedp.Evaluate(expression, &value, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	return value
}

// until waits until an expression is true.
func (b *browser) until(expression string) {
	b.Helper()
	b.do(chromedp.Poll(expression, nil, chromedp.WithPollingInterval(30*time.Millisecond), chromedp.WithPollingTimeout(stepTime)))
}

// press presses the button of a name within a part of the page.
func (b *browser) press(within, name string) {
	b.Helper()
	b.until(fmt.Sprintf(`[...document.querySelectorAll(%q)].some((e) => e.offsetParent && (e.textContent.trim() === %q || e.getAttribute("aria-label") === %q))`, within, name, name))
	eval[bool](b, fmt.Sprintf(`([...document.querySelectorAll(%q)].find((e) => e.textContent.trim() === %q || e.getAttribute("aria-label") === %q).click(), true)`, within, name, name))
}

// heapBytes is what the scripts of the page hold.
func (b *browser) heapBytes() (used float64) {
	b.Helper()
	b.do(chromedp.ActionFunc(func(ctx context.Context) error {
		if err := heapprofiler.CollectGarbage().Do(ctx); err != nil {
			return err
		}
		var err error
		used, _, _, _, err = runtime.GetHeapUsage().Do(ctx)
		return err
	}))
	return used
}

// text is what a part of the page says.
func (b *browser) text(selector string) string {
	b.Helper()
	return eval[string](b, fmt.Sprintf(`document.querySelector(%q)?.textContent ?? ""`, selector))
}

// setTheme makes the system's theme dark or light.
func (b *browser) setTheme(name string) {
	b.do(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}))
}

// screenshot keeps what the window shows, if the test was given a folder for that.
func (b *browser) screenshot(name string) {
	dir := os.Getenv("AUDITLAKE_SCREENSHOTS")
	if dir == "" {
		return
	}
	var picture []byte
	ctx, stop := context.WithTimeout(b.ctx, stepTime)
	defer stop()
	if err := chromedp.Run(ctx, chromedp.CaptureScreenshot(&picture)); err != nil {
		b.Logf("no screenshot: %v", err)
		return
	}
	name = strings.ReplaceAll(b.Name(), "/", "-") + "-" + name + ".png"
	require.NoError(b, os.WriteFile(filepath.Join(dir, name), picture, 0o644))
}
