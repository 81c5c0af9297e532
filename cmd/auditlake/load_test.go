package main_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/stretchr/testify/require"
)

const (
	loadClients = 8
	loadPushers = 2
	pollEvery   = 50 * time.Millisecond
	loadKeyID   = "AKIDEXAMPLE"
	loadSecret  = "not-a-secret-example-key"
)

// load is what clients do with a server, over its kills.
type load struct {
	*testing.T
	program, lake string
	address       string // of the server of this round
	server        *exec.Cmd
	http          *http.Client
	killing       atomic.Bool // requests may break off
	round         int
	handler       string // within which 99 of 100 times the server has answered DescribeQuery

	store, audit, channel string

	mu        sync.Mutex
	described []time.Duration       // mu: how long DescribeQuery took at its client
	answers   [4]string             // mu: the rows of each statement, as text
	throttled int                   // mu
	queries   int                   // mu
	pushed    map[string]bool       // mu: uids of events that a server may have taken; true: it acknowledged them
	unsure    map[string]auditBatch // mu: the batch that a pusher sent and got no answer to, by the batch's name
	failure   error                 // mu: the first
}

// loadOptions are AUDITLAKE_LOAD_ROUNDS and AUDITLAKE_LOAD_SECONDS.
func loadOptions(t *testing.T) (rounds int, each time.Duration) {
	t.Helper()
	number := func(name string, otherwise int) int {
		text := os.Getenv(name)
		if text == "" {
			return otherwise
		}
		n, err := strconv.Atoi(text)
		require.NoError(t, err, name)
		return n
	}
	return number("AUDITLAKE_LOAD_ROUNDS", 1), time.Duration(number("AUDITLAKE_LOAD_SECONDS", 1)) * time.Second
}

// TestLoad: eight clients query and poll, others push audit events, until the server is killed with SIGKILL. Nobody sees an error but the documented
// throttles; the next server has every acknowledged event once, and the rows of every query that had ended.
func TestLoad(t *testing.T) {
	rounds, each := loadOptions(t)
	l := &load{T: t, program: buildProgram(t), lake: filepath.Join(t.TempDir(), "lake"), http: &http.Client{Timeout: 2 * time.Minute},
		pushed: map[string]bool{}, unsure: map[string]auditBatch{}}
	defer l.http.CloseIdleConnections()
	got := execute(t, exec.Command(l.program, "--lake", l.lake, "import", generated(t, 5, 5000)))
	require.Equal(t, 0, got.code, got.err)
	for l.round = range rounds {
		l.start()
		if l.round == 0 {
			l.prepare()
		}
		l.checkKept()
		l.runFor(each)
		require.NoError(t, l.failure)
		l.report()
	}
	l.start()
	l.checkKept()
	require.NotEmpty(t, l.pushed)
}

// start starts a server, which the test's end or the end of the round kills.
func (l *load) start() {
	l.Helper()
	l.server = exec.Command(l.program, "--lake", l.lake, "serve", "--listen", "127.0.0.1:0")
	l.server.Env = append(os.Environ(), "AUDITLAKE_ROOT_ACCESS_KEY_ID="+loadKeyID, "AUDITLAKE_ROOT_SECRET_ACCESS_KEY="+loadSecret)
	l.address = startServer(l.T, l.server)
	l.killing.Store(false)
}

// prepare makes the store of audit events and its channel.
func (l *load) prepare() {
	l.Helper()
	var stores struct {
		EventDataStores []struct{ EventDataStoreArn string }
	}
	l.must("ListEventDataStores", map[string]any{}, &stores)
	require.Len(l, stores.EventDataStores, 1)
	l.store = stores.EventDataStores[0].EventDataStoreArn[strings.LastIndexByte(stores.EventDataStores[0].EventDataStoreArn, '/')+1:]
	var made struct{ EventDataStoreArn, ChannelArn string }
	l.must("CreateEventDataStore", map[string]any{"Name": "audit", "MultiRegionEnabled": false, "AdvancedEventSelectors": []any{
		map[string]any{"FieldSelectors": []any{map[string]any{"Field": "eventCategory", "Equals": []string{"ActivityAuditLog"}}}},
	}}, &made)
	l.audit = made.EventDataStoreArn[strings.LastIndexByte(made.EventDataStoreArn, '/')+1:]
	l.must("CreateChannel", map[string]any{"Name": "load", "Source": "Custom", "Destinations": []any{
		map[string]any{"Type": "EVENT_DATA_STORE", "Location": l.audit},
	}}, &made)
	l.channel = made.ChannelArn
}

func (l *load) must(operation string, in, out any) {
	l.Helper()
	require.NoError(l, l.call(operation, in, out))
}

// runFor lets clients and pushers work for a while, and kills the server under them.
func (l *load) runFor(each time.Duration) {
	var wait sync.WaitGroup
	for i := range loadClients {
		wait.Go(func() { l.repeat(func(n int) error { return l.query(i, n) }) })
	}
	for i := range loadPushers {
		wait.Go(func() { l.repeat(func(n int) error { return l.push(fmt.Sprintf("r%d-p%d-b%d", l.round, i, n)) }) })
	}
	time.Sleep(each)
	require.Eventually(l, l.isBusy, 5*time.Minute, 10*time.Millisecond)
	l.handler = l.handlerBucket("DescribeQuery")
	l.killing.Store(true)
	l.server.Process.Kill()
	wait.Wait()
	l.server.Wait()
}

// isBusy reports whether this round has had queries that ended, or failed.
func (l *load) isBusy() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.queries > 0 || l.failure != nil
}

// errBroken is the end of a request whose server was killed.
var errBroken = errors.New("the server was killed")

// repeat does something until the server is killed or something fails.
func (l *load) repeat(do func(n int) error) {
	for n := 0; ; n++ {
		err := do(n)
		switch {
		case errors.Is(err, errBroken):
			return
		case err != nil:
			l.mu.Lock()
			if l.failure == nil {
				l.failure = err
			}
			l.mu.Unlock()
			return
		}
	}
}

// query runs a query to its end, reads its rows in pages, and keeps them; some are cancelled.
func (l *load) query(client, n int) error {
	statements := []string{
		"SELECT count(*) AS n FROM %s",
		"SELECT eventName, count(*) AS calls FROM %s GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 20",
		"SELECT eventID FROM %s ORDER BY eventTime, eventID LIMIT 150",
		"SELECT userIdentity.arn, max(eventTime) AS latest FROM %s WHERE errorCode IS NOT NULL GROUP BY 1 ORDER BY 1 LIMIT 50",
	}
	which := (client + n) % (len(statements) + 1)
	if which == len(statements) {
		return l.cancelOne()
	}
	var started struct{ QueryId string }
	if err := l.call("StartQuery", map[string]any{"QueryStatement": fmt.Sprintf(statements[which], l.store)}, &started); err != nil || started.QueryId == "" {
		return err
	}
	for {
		state, err := l.describe(started.QueryId)
		if err != nil {
			return err
		}
		if state == "FINISHED" {
			break
		}
		if state != "QUEUED" && state != "RUNNING" {
			return fmt.Errorf("a query is %s", state)
		}
		time.Sleep(pollEvery)
	}
	if err := l.readRows(started.QueryId, which); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queries++
	return nil
}

// describe asks for the state of a query, and notes how long that took.
func (l *load) describe(id string) (state string, err error) {
	var described struct{ QueryStatus, ErrorMessage string }
	began := time.Now()
	if err := l.call("DescribeQuery", map[string]any{"QueryId": id}, &described); err != nil {
		return "", err
	}
	took := time.Since(began)
	l.mu.Lock()
	l.described = append(l.described, took)
	l.mu.Unlock()
	return described.QueryStatus, nil
}

// cancelOne starts what takes long, and cancels it.
func (l *load) cancelOne() error {
	var started, cancelled struct{ QueryId string }
	const heavy = "SELECT count(*) FROM unnest(sequence(1, 10000)) AS a(x), unnest(sequence(1, 10000)) AS b(y), unnest(sequence(1, 10000)) AS c(z) WHERE x * y + z = -1"
	if err := l.call("StartQuery", map[string]any{"QueryStatement": heavy}, &started); err != nil || started.QueryId == "" {
		return err
	}
	return l.call("CancelQuery", map[string]any{"QueryId": started.QueryId}, &cancelled)
}

// readRows reads the rows of a query, page by page; a statement has the same every time.
func (l *load) readRows(id string, statement int) error {
	var all strings.Builder
	in := map[string]any{"QueryId": id, "MaxQueryResults": 100}
	for {
		var page struct {
			QueryResultRows json.RawMessage
			NextToken       string
		}
		if err := l.call("GetQueryResults", in, &page); err != nil {
			return err
		}
		all.Write(page.QueryResultRows)
		if page.NextToken == "" {
			break
		}
		in["NextToken"] = page.NextToken
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.answers[statement] == "" {
		l.answers[statement] = all.String()
	}
	if all.String() != l.answers[statement] {
		return fmt.Errorf("statement %d has the rows %s, and before %s", statement, all.String(), l.answers[statement])
	}
	return nil
}

// auditBatch is the events of one request, by their ids.
type auditBatch []map[string]string

// push sends a batch of events and every tenth batch a second time.
func (l *load) push(name string) error {
	var batch auditBatch
	for i := range 10 {
		uid := fmt.Sprintf("%s-e%d", name, i)
		data, err := json.Marshal(map[string]any{
			"version": "1.0", "userIdentity": map[string]any{"type": "User", "principalId": "p", "details": map[string]any{"n": uid}}, "eventSource": "app.example.com",
			"eventName": "Login", "eventTime": time.Now().UTC().Format(time.RFC3339), "UID": uid, "sourceIPAddress": "192.0.2.1", "recipientAccountId": "000000000000",
		})
		if err != nil {
			return err
		}
		batch = append(batch, map[string]string{"id": uid, "eventData": string(data)})
	}
	l.mu.Lock()
	l.unsure[name] = batch
	for _, e := range batch {
		l.pushed[e["id"]] = false
	}
	l.mu.Unlock()
	first, err := l.put(name, batch)
	if err != nil || !strings.HasSuffix(name, "7") {
		time.Sleep(10 * time.Millisecond)
		return err
	}
	second, err := l.put(name, batch)
	if err == nil && !slices.Equal(first, second) {
		return fmt.Errorf("events that come again get other ids: %v, %v", first, second)
	}
	return err
}

// put sends a batch, whose events are acknowledged then, and returns the ids that they got.
func (l *load) put(name string, batch auditBatch) (ids []string, err error) {
	body, err := json.Marshal(map[string]any{"auditEvents": batch})
	if err != nil {
		return nil, err
	}
	var answer struct {
		Successful []struct{ ID, EventID string }
		Failed     []any
	}
	if err := l.send("cloudtrail-data", "/PutAuditEvents?channelArn="+url.QueryEscape(l.channel), "", body, &answer); err != nil {
		return nil, err
	}
	if len(answer.Successful) != len(batch) || len(answer.Failed) != 0 {
		return nil, fmt.Errorf("%d events, %d are taken, failed: %v", len(batch), len(answer.Successful), answer.Failed)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.unsure, name)
	for _, s := range answer.Successful {
		ids = append(ids, s.EventID)
		l.pushed[s.ID] = true
	}
	return ids, nil
}

// call asks for an operation of CloudTrail. A throttle is no error, and leaves the answer empty.
func (l *load) call(operation string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	return l.send("cloudtrail", "/", operation, body, out)
}

func (l *load) send(service, path, operation string, body []byte, out any) error {
	r, err := http.NewRequest(http.MethodPost, "http://"+l.address+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	if operation != "" {
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
		r.Header.Set("X-Amz-Target", "CloudTrail_20131101."+operation)
	}
	hash := sha256.Sum256(body)
	credentials := aws.Credentials{AccessKeyID: loadKeyID, SecretAccessKey: loadSecret}
	if err := v4.NewSigner().SignHTTP(context.Background(), credentials, r, hex.EncodeToString(hash[:]), service, "us-east-1", time.Now()); err != nil {
		return err
	}
	response, err := l.http.Do(r)
	if err != nil {
		return l.broken(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return l.broken(err)
	}
	switch {
	case response.StatusCode == http.StatusOK:
		return json.Unmarshal(answer, out)
	case response.StatusCode == http.StatusTooManyRequests && regexp.MustCompile(`"__type":"(ThrottlingException|MaxConcurrentQueriesException)"`).Match(answer):
		l.mu.Lock()
		l.throttled++
		l.mu.Unlock()
		time.Sleep(20 * time.Millisecond)
		return nil
	}
	return fmt.Errorf("%s %s: %s %s", operation, path, response.Status, answer)
}

// broken is errBroken once the server is being killed, otherwise err.
func (l *load) broken(err error) error {
	if l.killing.Load() {
		return errBroken
	}
	return err
}

// checkKept sends what got no answer again, and then finds every event once and the rows of every query.
func (l *load) checkKept() {
	l.Helper()
	for name, batch := range l.unsure {
		_, err := l.put(name, batch)
		require.NoError(l, err)
	}
	got := execute(l.T, exec.Command(l.program, "--lake", l.lake, "query", "--format", "csv", "SELECT eventdata.uid FROM audit"))
	require.Equal(l, 0, got.code, got.err)
	times := map[string]int{}
	for i, line := range strings.Split(strings.TrimSpace(got.out), "\n") {
		if i > 0 {
			times[line]++
		}
	}
	for uid, isAcknowledged := range l.pushed {
		require.True(l, isAcknowledged, uid)
		require.Equal(l, 1, times[uid], "how often there is %s", uid)
	}
	require.Len(l, times, len(l.pushed))
}

// handlerBucket returns the upper bound, in seconds, within which the server has answered 99 of 100 requests of an operation, as it says itself.
func (l *load) handlerBucket(operation string) string {
	l.Helper()
	response, err := l.http.Get("http://" + l.address + "/metrics")
	require.NoError(l, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(l, err)
	require.Equal(l, http.StatusOK, response.StatusCode, string(text))
	labels := `operation="` + operation + `",status="200"`
	all := regexp.MustCompile(`(?m)^auditlake_api_request_duration_seconds_count\{` + labels + `\} (\d+)$`).FindSubmatch(text)
	require.NotNil(l, all, "no requests of "+operation)
	count, err := strconv.Atoi(string(all[1]))
	require.NoError(l, err)
	for _, bucket := range regexp.MustCompile(`(?m)^auditlake_api_request_duration_seconds_bucket\{`+labels+`,le="(.*)"\} (\d+)$`).FindAllSubmatch(text, -1) {
		within, err := strconv.Atoi(string(bucket[2]))
		require.NoError(l, err)
		if within*100 >= count*99 {
			return string(bucket[1])
		}
	}
	require.Fail(l, "no bucket has all requests")
	return ""
}

// report logs what a round did.
func (l *load) report() {
	slices.Sort(l.described)
	p99 := l.described[len(l.described)*99/100]
	l.Logf("round %d: %d queries, %d events, %d throttles; DescribeQuery %d times, p99 at the client %s, in the handler at most %s s",
		l.round, l.queries, len(l.pushed), l.throttled, len(l.described), p99.Round(time.Microsecond), l.handler)
	l.described, l.queries, l.throttled = nil, 0, 0
	if most := os.Getenv("AUDITLAKE_LOAD_HANDLER_SECONDS"); most != "" { // a bound for a machine that does nothing else: soaks ask for it
		bound, err := strconv.ParseFloat(most, 64)
		require.NoError(l, err)
		within, err := strconv.ParseFloat(l.handler, 64)
		require.NoError(l, err)
		require.LessOrEqual(l, within, bound, "p99 of DescribeQuery in the handler, in seconds")
	}
}
