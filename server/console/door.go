// Package console is the door for people with a browser: the page, whose files are embedded in the program, and the
// JSON that the page requests. A person who signs in with an access key has the rights and caps of that key, as at
// every other door.
package console

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/access"
)

const (
	// doorName is the door, in the list of queries, of statements from the page.
	doorName = "console"
	// completionDoorName is the door of statements that find names to complete.
	completionDoorName = "console-completion"
	// sortDoorName is the door of statements that sort results.
	sortDoorName = "console-sort"
	// eventSource is the event source of the door in the activity.
	eventSource = "console.auditlake"
	// Path is the path of the page.
	Path = "/console/"
)

// Options are the settings of a Door.
type Options struct {
	Gate *access.Gate
	// BaseURL is the URL of a proxy before the server, if there is one. Requests for its host are answered, as are
	// those for this machine's names.
	BaseURL string
	// Log gets the errors; nil: no log.
	Log *slog.Logger
}

// Door serves the page of a lake. It is a server.Door.
type Door struct {
	lake        *engine.Lake
	gate        *access.Gate
	log         *slog.Logger
	base        *url.URL // nil: none
	handler     http.Handler
	sessions    *sessions
	links       *links
	completions *completions
	sorted      *sortedResults

	ctx    context.Context // of the statements; done when the door closes
	cancel context.CancelFunc
	work   sync.WaitGroup // running statements

	mu      sync.Mutex
	closed  bool                       // mu
	open    map[string]int             // mu: open statements by user
	running map[string]<-chan struct{} // mu: by query id; closed at the query's end
}

// New returns the door to the page of a lake. The caller closes it.
func New(lake *engine.Lake, options Options) (*Door, error) {
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	d := &Door{
		lake: lake, gate: options.Gate, log: options.Log, sessions: newSessions(), links: newLinks(), completions: newCompletions(), sorted: newSortedResults(),
		open: map[string]int{}, running: map[string]<-chan struct{}{},
	}
	if options.BaseURL != "" {
		base, err := url.Parse(options.BaseURL)
		if err != nil {
			return nil, fmt.Errorf("base URL: %w", err)
		}
		d.base = base
	}
	files, err := newAssets(webFiles, "web")
	if err != nil {
		return nil, err
	}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	d.handler = d.guarded(d.routes(files))
	return d, nil
}

// Mount implements server.Door.
func (d *Door) Mount(mux *http.ServeMux) { mux.Handle(Path, d.handler) }

// Close implements server.Door. It cancels the statements of the page and waits for them.
func (d *Door) Close() {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.cancel()
	d.work.Wait()
}

// routes returns the handler of the page's requests.
func (d *Door) routes(files http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+Path, files)
	mux.HandleFunc("POST /console/api/session", d.signIn)
	mux.HandleFunc("POST /console/api/session/link", d.signInByLink)
	for pattern, handle := range map[string]handler{
		"GET /console/api/session":                d.showSession,
		"DELETE /console/api/session":             d.signOut,
		"GET /console/api/sessions":               d.listSessions,
		"DELETE /console/api/sessions/{handle}":   d.endSession,
		"POST /console/api/completion":            d.complete,
		"POST /console/api/check":                 d.check,
		"POST /console/api/explain":               d.explain,
		"POST /console/api/queries":               d.startQuery,
		"GET /console/api/queries":                d.listQueries,
		"GET /console/api/queries/{id}":           d.showQuery,
		"DELETE /console/api/queries/{id}":        d.cancelQuery,
		"GET /console/api/queries/{id}/rows":      d.rows,
		"GET /console/api/queries/{id}/value":     d.value,
		"GET /console/api/queries/{id}/search":    d.search,
		"GET /console/api/queries/{id}/events":    d.eventsBehind,
		"GET /console/api/queries/{id}/column":    d.columnStatistics,
		"GET /console/api/queries/{id}/download":  d.download,
		"POST /console/api/queries/{id}/sorted":   d.sortResult,
		"POST /console/api/queries/{id}/summary":  d.summarize,
		"GET /console/api/queries/{id}/receipt":   d.receipt,
		"POST /console/api/receipt":               d.checkReceipt,
		"POST /console/api/lookup":                d.lookUp,
		"GET /console/api/samples":                d.listSamples,
		"GET /console/api/samples/statement":      d.sampleStatement,
		"POST /console/api/words":                 d.statementOfWords,
		"GET /console/api/saved":                  d.listSaved,
		"POST /console/api/saved":                 d.saveQuestion,
		"GET /console/api/saved/{id}":             d.showSaved,
		"PUT /console/api/saved/{id}":             d.changeSaved,
		"DELETE /console/api/saved/{id}":          d.deleteSaved,
		"GET /console/api/saved/{id}/versions":    d.savedVersions,
		"GET /console/api/stores":                 d.listStores,
		"GET /console/api/imports":                d.listImports,
		"GET /console/api/channels":               d.listChannels,
		"GET /console/api/keys":                   d.listKeys,
		"GET /console/api/usage":                  d.usage,
		"GET /console/api/usage/users":            d.userUsage,
		"GET /console/api/stores/{store}/columns": d.storeColumns,
		"GET /console/api/imports/{id}/failures":  d.importFailures,
	} {
		mux.HandleFunc(pattern, d.answering(handle))
	}
	for pattern, handle := range d.dashboardRoutes() {
		mux.HandleFunc(pattern, d.answering(handle))
	}
	return mux
}
