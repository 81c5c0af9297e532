package server_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/access"
	"github.com/auditlake/auditlake/server/awsapi"
	"github.com/auditlake/auditlake/server/console"
	"github.com/auditlake/auditlake/server/local"
	"github.com/auditlake/auditlake/server/trino"
)

const (
	// heavy takes longer than any test.
	heavy = "SELECT count(*) FROM UNNEST(sequence(1, 10000)) a (x), UNNEST(sequence(1, 10000)) b (y), " +
		"UNNEST(sequence(1, 10000)) c (z) WHERE x + y + z < 0"
	short = "SELECT count(*) FROM UNNEST(sequence(1, 1000)) a (x) WHERE x > 3"
)

// house is a lake with all doors that take statements.
type house struct {
	*testing.T
	lake        *engine.Lake
	url, socket string
	waiting     sync.WaitGroup // for statements at the socket
}

// newHouse opens the doors until the test ends; ctx is done before they close.
func newHouse(t *testing.T) (h *house, ctx context.Context) {
	h = &house{T: t}
	ctx, cancel := context.WithCancel(context.Background())
	var err error
	h.lake, err = engine.Open(ctx, t.TempDir(), engine.Options{})
	require.NoError(t, err)
	gate := access.New(h.lake, true)
	atAWS, err := awsapi.New(h.lake, awsapi.Options{Gate: gate})
	require.NoError(t, err)
	page, err := console.New(h.lake, console.Options{Gate: gate})
	require.NoError(t, err)
	atTrino := trino.New(h.lake, trino.Options{Gate: gate, Unpolled: time.Hour, Idle: time.Hour})
	atSocket := local.New(h.lake)
	mux := http.NewServeMux()
	atAWS.Mount(mux)
	page.Mount(mux)
	atTrino.Mount(mux)
	served, socket := httptest.NewServer(mux), httptest.NewServer(atSocket)
	h.url, h.socket = served.URL, socket.URL
	t.Cleanup(func() {
		cancel()
		h.waiting.Wait()
		atTrino.Close()
		page.Close()
		atAWS.Close()
		atSocket.Close()
		served.Close()
		socket.Close()
		require.NoError(t, h.lake.Close())
	})
	return h, ctx
}

// guest is a user with an access key.
type guest struct {
	*house
	user, id, secret string
	cookie           *http.Cookie // of the console
}

// invite makes a key of a user, and signs in with it at the console.
func (h *house) invite(user string) *guest {
	h.Helper()
	g := &guest{house: h, user: "arn:aws:iam::000000000000:user/" + user}
	everything := `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}`
	options := engine.KeyOptions{Principal: g.user, Policies: []engine.KeyPolicy{{Name: "all", Document: everything}}}
	key, secrets, err := h.lake.Keys().Create(context.Background(), options)
	require.NoError(h, err)
	g.id, g.secret = key.ID, secrets.Secret
	r := g.request(http.MethodPost, h.url+"/console/api/session", fmt.Sprintf(`{"id": %q, "secret": %q}`, g.id, g.secret))
	response, err := http.DefaultClient.Do(r)
	require.NoError(h, err)
	require.NoError(h, response.Body.Close())
	require.Equal(h, http.StatusOK, response.StatusCode)
	g.cookie = response.Cookies()[0]
	return g
}

func (g *guest) request(method, url, body string) *http.Request {
	g.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	require.NoError(g, err)
	r.Header.Set("Content-Type", "application/json")
	return r
}

// do sends a request and reads the answer.
func (g *guest) do(r *http.Request) (status int, text string, fields map[string]any) {
	g.Helper()
	response, err := http.DefaultClient.Do(r)
	require.NoError(g, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(g, err)
	_ = json.Unmarshal(body, &fields) // not all answers are JSON
	return response.StatusCode, string(body), fields
}

func (g *guest) atTrino(method, url, body string) (status int, text string, fields map[string]any) {
	r := g.request(method, url, body)
	r.SetBasicAuth(g.id, g.secret)
	return g.do(r)
}

func (g *guest) atConsole(method, path, body string) (status int, text string, fields map[string]any) {
	r := g.request(method, g.url+"/console/api/"+path, body)
	r.AddCookie(g.cookie)
	return g.do(r)
}

func (g *guest) atAWS(operation, body string) (status int, text string, fields map[string]any) {
	g.Helper()
	r := g.request(http.MethodPost, g.url+"/", body)
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101."+operation)
	hash := sha256.Sum256([]byte(body))
	credentials := aws.Credentials{AccessKeyID: g.id, SecretAccessKey: g.secret}
	sum, signer := hex.EncodeToString(hash[:]), v4.NewSigner()
	require.NoError(g, signer.SignHTTP(context.Background(), credentials, r, sum, "cloudtrail", "us-east-1", time.Now()))
	return g.do(r)
}

// atSocket returns the request of a local command.
func (g *guest) atSocket(sql string) *http.Request {
	return g.request(http.MethodPost, g.socket+"/local/v1/query", fmt.Sprintf(`{"sql": %q, "user": %q}`, sql, g.user))
}

// door is a way to ask a statement.
type door struct {
	name string
	// start has a statement run, and returns why not.
	start func(g *guest, ctx context.Context, sql string) (refusal string)
	// ask returns how a statement ended, or why it was refused.
	ask func(g *guest, sql string) (end string)
	// refusal is in the answer to a user who has too many.
	refusal string
	// heavies is how many statements a user with many sends here.
	heavies int
}

var doors = []door{
	{"aws", func(g *guest, _ context.Context, sql string) string {
		return refusalOf(g.atAWS("StartQuery", fmt.Sprintf(`{"QueryStatement": %q}`, sql)))
	}, func(g *guest, sql string) string {
		_, text, started := g.atAWS("StartQuery", fmt.Sprintf(`{"QueryStatement": %q}`, sql))
		if started["QueryId"] == nil {
			return text
		}
		for {
			_, _, results := g.atAWS("GetQueryResults", fmt.Sprintf(`{"QueryId": %q}`, started["QueryId"]))
			if end := results["QueryStatus"]; end != "QUEUED" && end != "RUNNING" {
				return fmt.Sprint(end)
			}
		}
	}, "MaxConcurrentQueriesException", 12},
	{"console", func(g *guest, _ context.Context, sql string) string {
		return refusalOf(g.atConsole(http.MethodPost, "queries", fmt.Sprintf(`{"sql": %q}`, sql)))
	}, func(g *guest, sql string) string {
		_, text, started := g.atConsole(http.MethodPost, "queries", fmt.Sprintf(`{"sql": %q}`, sql))
		if started["id"] == nil {
			return text
		}
		for {
			_, _, query := g.atConsole(http.MethodGet, fmt.Sprintf("queries/%s?waitMillis=10000", started["id"]), "")
			if query["isOver"] != false {
				return fmt.Sprint(query["state"])
			}
		}
	}, "QUERY_QUEUE_FULL", 12},
	{"socket", func(g *guest, ctx context.Context, sql string) string {
		refused := make(chan string, 1)
		g.waiting.Go(func() { // the answer begins with the first row
			response, err := http.DefaultClient.Do(g.atSocket(sql).WithContext(ctx))
			if err != nil {
				return
			}
			defer response.Body.Close()
			text, _ := io.ReadAll(response.Body) // what is cut is no refusal
			refused <- string(text)
		})
		before := g.count(engine.QueryFilter{Door: "socket"})
		for g.count(engine.QueryFilter{Door: "socket"}) == before {
			select {
			case why := <-refused:
				return why
			case <-time.After(time.Millisecond):
			}
		}
		return ""
	}, func(g *guest, sql string) string {
		status, text, _ := g.do(g.atSocket(sql))
		if status == http.StatusOK && !strings.Contains(text, `"failure"`) {
			return "FINISHED"
		}
		return text
	}, "QUERY_QUEUE_FULL", 6},
	{"trino", func(g *guest, _ context.Context, sql string) string {
		return refusalOf(g.atTrino(http.MethodPost, g.url+"/v1/statement", sql))
	}, func(g *guest, sql string) string {
		_, text, page := g.atTrino(http.MethodPost, g.url+"/v1/statement", sql)
		for page["nextUri"] != nil {
			_, text, page = g.atTrino(http.MethodGet, page["nextUri"].(string), "")
		}
		stats, _ := page["stats"].(map[string]any)
		if stats == nil || page["error"] != nil {
			return text
		}
		return stats["state"].(string)
	}, "429", 170},
}

// refusalOf returns status and text of an answer, "" for one that is no refusal.
func refusalOf(status int, text string, _ map[string]any) string {
	if status == http.StatusOK {
		return ""
	}
	return fmt.Sprint(status, " ", text)
}

// count returns how many queries a filter finds.
func (h *house) count(filter engine.QueryFilter) int {
	h.Helper()
	infos, err := h.lake.Queries().List(context.Background(), filter)
	require.NoError(h, err)
	return len(infos)
}

// TestOneUserLeavesEveryDoorToOthers: a user sends 200 heavy statements with two keys, to every door. The user's own
// next ones are refused; another's end at every door while the heavy ones run and wait.
func TestOneUserLeavesEveryDoorToOthers(t *testing.T) {
	h, ctx := newHouse(t)
	anns := []*guest{h.invite("ann"), h.invite("ann")}
	bob := h.invite("bob")
	sent, accepted := 0, 0
	for _, d := range doors {
		for range d.heavies {
			if d.start(anns[sent%2], ctx, heavy) == "" {
				accepted++
			}
			sent++
		}
	}
	require.Equal(t, 200, sent)
	require.Less(t, accepted, 100, "with half of the places for those who wait")
	for _, d := range doors {
		for _, ann := range anns {
			require.Contains(t, d.start(ann, ctx, heavy), d.refusal, d.name)
		}
		for n := range 5 {
			require.Equal(t, "FINISHED", d.ask(bob, short), "%s, statement %d", d.name, n)
		}
	}
	inState := func(s engine.QueryState) engine.QueryFilter {
		return engine.QueryFilter{States: []engine.QueryState{s}}
	}
	require.GreaterOrEqual(t, h.count(inState(engine.QueryRunning)), 10, "the heavy ones go on")
	require.GreaterOrEqual(t, h.count(inState(engine.QueryQueued)), 40)
}
